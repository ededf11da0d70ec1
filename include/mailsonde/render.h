/* SPDX-License-Identifier: ISC
 * render.h - a report as bytes: one row a format
 */
#ifndef MAILSONDE_RENDER_H
#define MAILSONDE_RENDER_H

#include "mailsonde/buf.h"
#include "mailsonde/report.h"

/* Where a figure becomes a warning or worse; negative: not given. */
struct ms_thresholds {
	double days;    /* that a certificate is still valid: at least */
	double seconds; /* that it took: at most */
	double score;   /* of a domain: at least */
};

struct ms_render_options {
	unsigned width; /* columns of text; 0: 80 */
	bool color;
	bool verbose;
	bool first;   /* the first report of the run */
	bool several; /* more than one subject */
	const char *version;
	enum ms_severity fail_on;
	struct ms_thresholds warning, critical;
};

/* What is put together when all has been rendered: of several subjects there
 * is a list in front. `render` writes three pieces of each report. */
struct ms_page {
	/* Takes off *notes the next report, the `number`th of the run: its
	 * name, its line of the list, its part of the page. */
	void (*take)(struct ms_slice *notes, uint64_t number,
	    struct ms_buf *name, struct ms_buf *line, struct ms_buf *part);
	/* What stands before the list of `number` subjects; of one, which has
	 * that name, there is no list, and no `parts` behind it. */
	void (*open)(const char *command, uint64_t number, struct ms_slice name,
	    const struct ms_render_options *options, struct ms_buf *out);
	const char *parts, *close; /* before the parts, behind them */
};

struct ms_format {
	const char *name;  /* "text" */
	const char *note;  /* what it gives, in few words */
	unsigned audience; /* what it needs in the report */
	/* One report; called in the order of the subjects. */
	void (*render)(const struct ms_report *report,
	    const struct ms_render_options *options, struct ms_buf *out);
	/* What stands before the first, between two, behind the last; NULL
	 * for nothing. `json` with several subjects is an array; behind its
	 * only one stands `alone`. */
	const char *open, *between, *close, *alone;
	/* What stands before everything, of a command; NULL: nothing. */
	void (*head)(const char *command, struct ms_buf *out);
	/* The commands that it makes sense for, with blanks between; NULL:
	 * all. */
	const char *commands;
	/* Where a format speaks of the run as a whole, `render` writes notes,
	 * one report behind the other, and this makes of all of them what is
	 * written. Returns the exit code, -1 for that of the subjects. NULL:
	 * what was rendered is written as it is. */
	int (*finish)(struct ms_slice notes,
	    const struct ms_render_options *options, struct ms_buf *out);
	const struct ms_page *page; /* NULL: it is none */
};

/* Every format, NULL-terminated; by name, NULL when there is none. */
const struct ms_format *const *ms_formats(void);
const struct ms_format *ms_format_find(const char *name);
/* Whether it makes sense for the command. */
bool ms_format_fits(const struct ms_format *format, const char *command);

/* The gate for terminals: control, bidirectional, invisible characters and
 * invalid bytes shown as <U+202E>, <0x1B>, never sent. */
void ms_text_safe(struct ms_buf *out, struct ms_slice bytes);

#endif
