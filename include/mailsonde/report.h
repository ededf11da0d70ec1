/* SPDX-License-Identifier: ISC
 * report.h - what is said, apart from how it is shown
 *
 * Evaluations return plain structs; describe_… functions turn them into
 * nodes; renderers know only nodes. Data nodes (objects, arrays, values) are
 * the JSON; text nodes (headings, lines, tables) are what a person reads. A
 * describe function skips what nobody asked for: see `audience`.
 */
#ifndef MAILSONDE_REPORT_H
#define MAILSONDE_REPORT_H

#include <stdint.h>

#include "mailsonde/arena.h"
#include "mailsonde/ip.h"
#include "mailsonde/severity.h"

enum ms_node_kind {
	/* data */
	MS_NODE_OBJECT,
	MS_NODE_ARRAY,
	MS_NODE_NULL,
	MS_NODE_BOOL,
	MS_NODE_INT,
	MS_NODE_DOUBLE,
	MS_NODE_TIME, /* integer seconds, shown as RFC 3339 */
	MS_NODE_TEXT, /* bytes from anywhere: the renderer's gate cleans
			 them; invalid UTF-8 gets a raw_base64 sibling when
			 `evidence` */
	/* text */
	MS_NODE_TITLE,   /* text: what the subject is called */
	MS_NODE_ANSWER,  /* text: the judgement in a line */
	MS_NODE_HEADING, /* text: the title of a section */
	MS_NODE_LINE,    /* text, wrapped at the width; `indent` */
	MS_NODE_PAIR,    /* label and text */
	MS_NODE_TABLE,   /* children: rows; of rows: cells */
	MS_NODE_ROW,
	MS_NODE_CELL,
	MS_NODE_BLANK,
	MS_NODE_VERBATIM, /* text: one line, never wrapped */
	MS_NODE_FINDINGS, /* where they stand in a page; else at the end */
};

enum ms_style {
	MS_STYLE_PLAIN,
	MS_STYLE_STRONG,
	MS_STYLE_DIM,
	MS_STYLE_GOOD,
	MS_STYLE_WARN,
	MS_STYLE_BAD,
};

struct ms_node {
	enum ms_node_kind kind;
	unsigned char style;  /* enum ms_style */
	unsigned char indent; /* columns; LINE, PAIR, TABLE */
	bool evidence;        /* TEXT: keep raw bytes beside a lossy value */
	bool right;           /* CELL: align right */
	bool head;            /* ROW: the names of the columns */
	bool trusted;         /* TEXT: our own ASCII text, no cleaning needed */
	const char *key;      /* data: member name; PAIR: label */
	union {
		struct ms_slice text;
		int64_t number;
		double real;
		bool truth;
	} u;
	struct ms_node *first, *last, *next;
};

struct ms_finding {
	const char *id; /* "sender-display-name-address" */
	enum ms_severity severity;
	const char *title;        /* what; bytes of the mail only cleaned */
	const char *detail;       /* why it matters, with the particulars */
	struct ms_node *evidence; /* OBJECT; NULL when none */
	const char *fix;          /* what to do; NULL */
	const char *reference;    /* "RFC 5322 section 3.6.2" */
	int weight;               /* its part of the verdict's sum */
	struct ms_finding *next;
};

struct ms_error {
	const char *what; /* "geoip", "io" … */
	const char *text;
	bool temporary; /* stands in the way of a judgement: exit 2 */
	struct ms_error *next;
};

enum ms_audience {
	MS_FOR_DATA = 1 << 0,
	MS_FOR_TEXT = 1 << 1,
	MS_FOR_PAGE = 1 << 2, /* beside MS_FOR_TEXT: a page has room for what
				 text leaves out unless it is asked for */
};

struct ms_report {
	struct ms_arena *arena;
	unsigned audience;       /* enum ms_audience */
	const char *command;     /* "analyze" */
	int64_t time;            /* of the judgement */
	struct ms_node *subject; /* OBJECT; NULL: it is about the run */
	struct ms_node *data;    /* OBJECT: the members behind the subject */
	struct ms_node *text;    /* OBJECT whose children are text nodes */
	struct ms_finding *findings; /* by severity, then as they came */
	struct ms_finding *last_of[MS_SEVERITY_NEVER]; /* of each severity */
	size_t findings_n;
	struct ms_error *errors, *errors_last;
	int exit_code;      /* 65, 66 …: of the subject itself; 0 */
	bool show_findings; /* text: list findings at the end */
	bool show_weights;  /* text: and what each adds to the verdict */
	bool defang;        /* text and data: links and addresses */
	bool zone; /* text: a master file; the rest of it is comments */
};

void ms_report_init(struct ms_report *report, struct ms_arena *arena,
    unsigned audience, const char *command, int64_t time);

/* ---- data: append to an object (key) or an array (key NULL) ---- */
struct ms_node *ms_put_object(
    struct ms_report *report, struct ms_node *parent, const char *key);
/* The object of that key in the report's data: the one that is there, or a
 * new one. */
struct ms_node *ms_put_section(struct ms_report *report, const char *key);
struct ms_node *ms_put_array(
    struct ms_report *report, struct ms_node *parent, const char *key);
void ms_put_null(
    struct ms_report *report, struct ms_node *parent, const char *key);
void ms_put_bool(struct ms_report *report, struct ms_node *parent,
    const char *key, bool truth);
void ms_put_int(struct ms_report *report, struct ms_node *parent,
    const char *key, int64_t number);
void ms_put_double(struct ms_report *report, struct ms_node *parent,
    const char *key, double real);
void ms_put_time(struct ms_report *report, struct ms_node *parent,
    const char *key, int64_t time);
/* Bytes from outside. p == NULL writes null. The bytes are not copied. */
void ms_put_text(struct ms_report *report, struct ms_node *parent,
    const char *key, struct ms_slice text);
/* An array of them. */
void ms_put_texts(struct ms_report *report, struct ms_node *parent,
    const char *key, const struct ms_slice *list, size_t n);
/* One text, with raw_base64 beside it when it is not valid UTF-8. */
void ms_put_evidence(struct ms_report *report, struct ms_node *parent,
    const char *key, struct ms_slice text);
/* Our own words; NULL writes null. */
void ms_put_string(struct ms_report *report, struct ms_node *parent,
    const char *key, const char *text);
void ms_put_ip(struct ms_report *report, struct ms_node *parent,
    const char *key, const struct ms_ip *ip);

/* ---- text ---- */
/* What the subject is called, where its `path` or `name` is not enough. */
void ms_say_title(struct ms_report *report, const char *title);
/* The judgement: the first that is read. */
void ms_say_answer(struct ms_report *report, enum ms_style style,
    const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Where the findings stand in a page. */
void ms_say_findings(struct ms_report *report);
void ms_say_heading(struct ms_report *report, const char *title);
void ms_say_blank(struct ms_report *report);
/* `format` is printf's; bytes of the mail may be among its arguments, the
 * renderer cleans the whole. */
void ms_say(struct ms_report *report, unsigned indent, enum ms_style style,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The same of bytes, to the last: printf ends at a NUL. */
void ms_say_text(struct ms_report *report, unsigned indent, enum ms_style style,
    struct ms_slice text);
/* As it stands, on one line. */
void ms_say_verbatim(struct ms_report *report, enum ms_style style,
    const char *format, ...) __attribute__((format(printf, 3, 4)));
void ms_say_pair(struct ms_report *report, const char *label,
    enum ms_style style, struct ms_slice text);
void ms_say_pairf(struct ms_report *report, const char *label,
    enum ms_style style, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
struct ms_node *ms_say_table(struct ms_report *report, unsigned indent);
/* The names of its columns, up to NULL; of one that begins with '>' the column
 * stands right. Text has them where they are `shown`, a page always. */
void ms_say_heads(struct ms_report *report, struct ms_node *table, int shown,
    ...) __attribute__((sentinel));
struct ms_node *ms_say_row(struct ms_report *report, struct ms_node *table);
void ms_say_cell(struct ms_report *report, struct ms_node *row,
    enum ms_style style, bool right, struct ms_slice text);
void ms_say_cellf(struct ms_report *report, struct ms_node *row,
    enum ms_style style, bool right, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* ---- findings and errors ---- */

/* Copies *finding, keeps the order by severity, then of arrival. */
void ms_report_finding(
    struct ms_report *report, const struct ms_finding *finding);
void ms_report_error(struct ms_report *report, const char *what, bool temporary,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* 0, 1, 2, 65 … after cli.md for this one subject. */
int ms_report_exit(const struct ms_report *report, enum ms_severity fail_on);

#endif
