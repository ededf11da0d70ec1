/* SPDX-License-Identifier: ISC
 * peer_gmime.c - GMime 3 does what `parse --format ndjson` does
 *
 * peer_gmime FILE: headers, the MIME tree, the SHA-256 of every leaf's decoded
 * content, one line of JSON for each message. GMime's own checksum filter is
 * several times slower than libcrypto, so the content goes through libcrypto.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <gmime/gmime.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/sha.h>

static GMimeStream *memory;

static void
print_json(const char *text)
{
	putchar('"');
	for (; text && *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			putchar('\\');
		if (c >= ' ')
			putchar(c);
		else
			printf("\\u%04x", c);
	}
	putchar('"');
}

static void
print_headers(GMimeObject *object)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	int n = g_mime_header_list_get_count(list);

	printf("\"headers\":[");
	for (int i = 0; i < n; i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);

		printf("%s[", i ? "," : "");
		print_json(g_mime_header_get_name(header));
		putchar(',');
		print_json(g_mime_header_get_value(header));
		putchar(']');
	}
	putchar(']');
}

static void
print_leaf(GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	unsigned char digest[32];
	GByteArray *bytes;
	SHA256_CTX context;

	g_mime_stream_reset(memory);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory));
	g_byte_array_set_size(bytes, 0);
	if (content)
		g_mime_data_wrapper_write_to_stream(content, memory);
	SHA256_Init(&context);
	SHA256_Update(&context, bytes->data, bytes->len);
	SHA256_Final(digest, &context);
	printf(",\"filename\":");
	print_json(g_mime_part_get_filename(part));
	printf(",\"size\":%u,\"sha256\":\"", bytes->len);
	for (size_t i = 0; i < sizeof(digest); i++)
		printf("%02x", digest[i]);
	putchar('"');
}

static void
print_object(GMimeObject *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);

	printf("{\"type\":\"%s/%s\",", g_mime_content_type_get_media_type(type),
	    g_mime_content_type_get_media_subtype(type));
	print_headers(object);
	if (GMIME_IS_MULTIPART(object)) {
		GMimeMultipart *parts = GMIME_MULTIPART(object);
		int n = g_mime_multipart_get_count(parts);

		printf(",\"parts\":[");
		for (int i = 0; i < n; i++) {
			if (i)
				putchar(',');
			print_object(g_mime_multipart_get_part(parts, i));
		}
		putchar(']');
	} else if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *inner =
		    g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));

		if (inner) {
			printf(",\"message\":");
			print_object(g_mime_message_get_mime_part(inner));
		}
	} else if (GMIME_IS_PART(object)) {
		print_leaf(GMIME_PART(object));
	}
	putchar('}');
}

static int
is_mailbox(int fd)
{
	char start[5];

	return pread(fd, start, sizeof(start), 0) == sizeof(start) &&
	       memcmp(start, "From ", 5) == 0;
}

int
main(int argc, char **argv)
{
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	int mailbox;
	GMimeStream *stream;
	GMimeParser *parser;

	if (fd < 0) {
		perror("peer_gmime FILE");
		return 1;
	}
	g_mime_init();
	mailbox = is_mailbox(fd);
	memory = g_mime_stream_mem_new();
	stream = g_mime_stream_fs_new(fd);
	parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_format(
	    parser, mailbox ? GMIME_FORMAT_MBOX : GMIME_FORMAT_MESSAGE);
	while (!g_mime_parser_eos(parser)) {
		GMimeMessage *message =
		    g_mime_parser_construct_message(parser, NULL);

		if (!message)
			break;
		printf("{\"message\":{");
		print_headers(GMIME_OBJECT(message));
		printf("},\"body\":");
		print_object(g_mime_message_get_mime_part(message));
		printf("}\n");
		g_object_unref(message);
		if (!mailbox)
			break;
	}
	g_object_unref(parser);
	g_object_unref(stream);
	g_object_unref(memory);
	g_mime_shutdown();
	return 0;
}
