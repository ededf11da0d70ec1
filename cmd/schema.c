/* SPDX-License-Identifier: ISC
 * schema.c - mailsonde schema: the JSON Schema of every output
 */
#include "commands.h"
#include "output.h"

/* cmd/schema.json, as it stands, between these two. */
__asm__(".section .rodata\n"
	".global mailsonde_schema\n"
	".global mailsonde_schema_end\n"
	"mailsonde_schema:\n"
	".incbin \"cmd/schema.json\"\n"
	"mailsonde_schema_end:\n"
	".previous\n");
extern const char mailsonde_schema[], mailsonde_schema_end[];

static int
run(const struct options *options)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct output output;
	int code = EXIT_WRITE;

	if (output_open(&output, arena, options)) {
		/* cppcheck-suppress comparePointers # of one text */
		size_t n = (size_t)(mailsonde_schema_end - mailsonde_schema);

		output_bytes(&output, ms_slice_make(mailsonde_schema, n));
		code = output_close(&output, true);
	}
	ms_arena_free(arena);
	return code;
}

extern const struct command command_schema;

const struct command command_schema = {
	.name = "schema",
	.arguments = "",
	.summary = "the JSON Schema of every output",
	.groups = OPT_PLAIN,
	.run = run,
};
