/* SPDX-License-Identifier: ISC
 * packs.c - packs of rules, out of files or a record
 */
#include "packs.h"

#include "env.h"
#include "evidence.h"
#include "pool.h"

static int
code_of(enum ms_status status)
{
	switch (status) {
	case MS_OK:
		return 0;
	case MS_IO:
		return EXIT_NOFILE;
	case MS_UNSUPPORTED:
		return EXIT_FAULT;
	default:
		return EXIT_DATA;
	}
}

/* The bytes of a pack. Those of a replay are in its record. */
static enum ms_status
read_bytes(struct ms_arena *arena, const char *path, size_t number,
    const struct options *options, size_t most, struct ms_slice *out,
    struct ms_diag *diag)
{
	struct ms_buf buf;
	enum ms_status status;

	if (options->replay) {
		*out = evidence_file_of(options->evidence, "rules", number);
		return MS_OK;
	}
	ms_buf_init(&buf, arena);
	status = evidence_take_file(path, most, &buf, diag);
	*out = ms_buf_get(&buf);
	if (status == MS_OK)
		evidence_file(options->evidence, "rules", number, *out);
	return status;
}

int
pack_read(struct ms_arena *arena, const char *path, size_t number,
    const struct options *options, struct ms_rules *out, struct ms_diag *diag)
{
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_slice text;
	enum ms_status status;

	memset(out, 0, sizeof(*out));
	status = read_bytes(
	    arena, path, number, options, limits.rules_size, &text, diag);
	if (status == MS_OK)
		status = ms_rules_read(arena, text, &limits, out, diag);
	out->ticks = env_ticks;
	return code_of(status);
}

int
packs_open(struct packs *packs, struct ms_arena *arena,
    const struct words *files, const struct options *options)
{
	packs->n = 0;
	packs->list = MS_NEW_ARRAY(arena, struct ms_rules, files->n);
	for (size_t i = 0; i < files->n; i++) {
		struct ms_diag diag = { "" };
		int code = pack_read(arena, files->list[i], i, options,
		    &packs->list[packs->n++], &diag);

		if (code == 0)
			continue;
		complain("--rules: %s: %s", files->list[i], diag.text);
		return code;
	}
	return 0;
}

void
packs_close(struct packs *packs)
{
	for (size_t i = 0; i < packs->n; i++)
		ms_rules_close(&packs->list[i]);
	packs->n = 0;
}
