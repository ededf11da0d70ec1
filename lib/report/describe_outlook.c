/* SPDX-License-Identifier: ISC
 * describe_outlook.c - what an Outlook file says of itself, and what was made
 * up of its message
 */
#include "describe_priv.h"

/* Classes that are no mail, [MS-OXCMSG] 2.2.1.3 and the documents of each. */
static const struct {
	const char *class, *what;
} others[] = {
	{ "IPM.Appointment", "an appointment" },
	{ "IPM.Contact", "a contact" },
	{ "IPM.AbchPerson", "a contact" },
	{ "IPM.DistList", "a distribution list" },
	{ "IPM.Task", "a task" },
	{ "IPM.StickyNote", "a sticky note" },
	{ "IPM.Activity", "a journal entry" },
	{ "IPM.Post", "a post" },
};

/* NULL: it is mail, or nobody knows. */
static const char *other(struct ms_slice class)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (ms_slice_starts(class, others[i].class))
			return others[i].what;
	return NULL;
}

void
describe_outlook(struct ms_report *report, struct ms_node *parent,
    const struct ms_message *message)
{
	const struct ms_outlook_message *about;
	struct ms_node *node;

	if (!message->outlook)
		return;
	about = &message->outlook->messages[0];
	node = ms_put_object(report, parent, "outlook");
	if (about->class.n > 0)
		ms_put_text(report, node, "message_class", about->class);
	else
		ms_put_null(report, node, "message_class");
	ms_put_bool(report, node, "mail", other(about->class) == NULL);
	ms_put_bool(report, node, "internet_header", about->header);
	ms_put_bool(report, node, "unsent", about->unsent);
}

/* Those that describe the new body are always made up, and said of nobody. */
static bool
worth_telling(const struct ms_message *message, const struct ms_field *field)
{
	return ms_outlook_made(message->outlook, field->offset) &&
	       field->id != MS_FIELD_MIME_VERSION &&
	       field->id != MS_FIELD_CONTENT_TYPE &&
	       field->id != MS_FIELD_CONTENT_TRANSFER_ENCODING;
}

static struct ms_slice
made_up(struct ms_report *report, const struct ms_message *message)
{
	const struct ms_header *header = &message->header;
	struct ms_buf buf;

	ms_buf_init(&buf, report->arena);
	for (size_t i = 0; i < header->n; i++) {
		if (!worth_telling(message, &header->fields[i]))
			continue;
		if (buf.n > 0)
			ms_buf_text(&buf, ", ");
		ms_buf_slice(&buf, header->fields[i].name);
	}
	return ms_buf_get(&buf);
}

void
describe_say_outlook(struct ms_report *report, const struct ms_message *message)
{
	const struct ms_outlook_message *about = &message->outlook->messages[0];
	struct ms_slice made = made_up(report, message);
	const char *what = other(about->class);
	struct ms_buf buf;

	ms_buf_init(&buf, report->arena);
	ms_buf_slice(
	    &buf, about->class.n ? about->class : MS_SLICE("no message class"));
	if (what)
		ms_buf_printf(&buf, ": %s, not mail", what);
	else if (about->unsent)
		ms_buf_text(&buf, ": a draft that was not sent");
	ms_buf_text(&buf,
	    about->header ? "; internet header kept" : "; no internet header");
	if (made.n > 0)
		ms_buf_printf(&buf, "; made of its properties: %.*s",
		    (int)made.n, (const char *)made.p);
	ms_say_pair(report, "Outlook", MS_STYLE_DIM, ms_buf_get(&buf));
}
