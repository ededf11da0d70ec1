/* SPDX-License-Identifier: ISC
 * test_field.c - names of header fields, and control characters
 */
#include "../../../lib/message/field_priv.h"
#include "test.h"

static const struct {
	const char *name;
	enum ms_field_id id;
} names[] = {
	{ "To", MS_FIELD_TO },
	{ "CC", MS_FIELD_CC },
	{ "bcc", MS_FIELD_BCC },
	{ "From", MS_FIELD_FROM },
	{ "date", MS_FIELD_DATE },
	{ "Sender", MS_FIELD_SENDER },
	{ "SUBJECT", MS_FIELD_SUBJECT },
	{ "List-Id", MS_FIELD_LIST_ID },
	{ "Received", MS_FIELD_RECEIVED },
	{ "Reply-To", MS_FIELD_REPLY_TO },
	{ "ARC-Seal", MS_FIELD_ARC_SEAL },
	{ "X-Mailer", MS_FIELD_X_MAILER },
	{ "Message-ID", MS_FIELD_MESSAGE_ID },
	{ "References", MS_FIELD_REFERENCES },
	{ "Content-ID", MS_FIELD_CONTENT_ID },
	{ "X-Received", MS_FIELD_X_RECEIVED },
	{ "User-Agent", MS_FIELD_USER_AGENT },
	{ "Return-Path", MS_FIELD_RETURN_PATH },
	{ "In-Reply-To", MS_FIELD_IN_REPLY_TO },
	{ "Resent-Date", MS_FIELD_RESENT_DATE },
	{ "MIME-Version", MS_FIELD_MIME_VERSION },
	{ "Content-Type", MS_FIELD_CONTENT_TYPE },
	{ "Content-Base", MS_FIELD_CONTENT_BASE },
	{ "Received-SPF", MS_FIELD_RECEIVED_SPF },
	{ "Delivered-To", MS_FIELD_DELIVERED_TO },
	{ "DKIM-Signature", MS_FIELD_DKIM_SIGNATURE },
	{ "Content-Length", MS_FIELD_CONTENT_LENGTH },
	{ "X-Originating-IP", MS_FIELD_X_ORIGINATING_IP },
	{ "Content-Location", MS_FIELD_CONTENT_LOCATION },
	{ "List-Unsubscribe", MS_FIELD_LIST_UNSUBSCRIBE },
	{ "Content-Disposition", MS_FIELD_CONTENT_DISPOSITION },
	{ "Content-Description", MS_FIELD_CONTENT_DESCRIPTION },
	{ "ARC-Message-Signature", MS_FIELD_ARC_MESSAGE_SIGNATURE },
	{ "Authentication-Results", MS_FIELD_AUTHENTICATION_RESULTS },
	{ "Content-Transfer-Encoding", MS_FIELD_CONTENT_TRANSFER_ENCODING },
	{ "ARC-Authentication-Results", MS_FIELD_ARC_AUTHENTICATION_RESULTS },
	{ "", MS_FIELD_OTHER },
	{ "X", MS_FIELD_OTHER },
	{ "Tos", MS_FIELD_OTHER },
	{ "ARC-Authentication-ResultsX", MS_FIELD_OTHER },
	{ "Content-Dispositiom", MS_FIELD_OTHER },
};

static void
finds_every_name(void **state)
{
	bool seen[MS_FIELD_COUNT] = { true };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_int_equal(
		    ms_field_id_of(ms_slice_from(names[i].name)), names[i].id);
		seen[names[i].id] = true;
	}
	for (size_t i = 0; i < MS_FIELD_COUNT; i++)
		assert_true(seen[i]);
}

static void
finds_control_characters(void **state)
{
	unsigned char text[70];

	(void)state;
	for (int c = 0; c < 256; c++) {
		bool odd =
		    (c > 0 && c < 32 && c != '\t' && c != '\n' && c != '\r') ||
		    c == 127;

		for (size_t at = 0; at < sizeof(text); at++) {
			memset(text, 'a', sizeof(text));
			text[at] = (unsigned char)c;
			assert_int_equal(field_find_control(
					     ms_slice_make(text, sizeof(text))),
			    odd ? at : sizeof(text));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_every_name),
		cmocka_unit_test(finds_control_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
