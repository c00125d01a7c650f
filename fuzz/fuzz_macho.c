/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mach-O files from outside: what can be read and laid out must come out of
 * writing as a file that can be read, with its signature where the layout says.
 */
#include <stdint.h>
#include <stdlib.h>

#include "macho/layout.h"
#include "support/whole_code.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_OUT ((size_t)64 << 20)

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_written(const struct buf *out, const struct macho_layout *layouts)
{
	struct error err = { 0 };
	struct macho again;

	must(macho_parse(&again, buf_slice(out), &err));
	for (size_t i = 0; i < again.count; i++) {
		const struct macho_slice *s = &again.slices[i];

		must(s->sig_offset == layouts[i].code_limit);
		must(macho_signature(s).n == layouts[i].sig_size);
		must(s->linkedit_fileoff + s->linkedit_filesize == s->bytes.n);
	}
}

static void write_signed(const struct macho *m)
{
	static const unsigned char dummy[40] = { 0xfa, 0xde, 0x0c, 0xc0 };
	struct macho_layout layouts[MACHO_MAX_SLICES] = { 0 };
	struct slice signatures[MACHO_MAX_SLICES];
	AUTO(macho_plan_free) struct macho_plan plan = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(MAX_OUT);
	struct error err = { 0 };
	bool ok = true;

	for (size_t i = 0; i < m->count && ok; i++) {
		signatures[i] = slice_of(dummy, sizeof dummy);
		ok = macho_layout_slice(&layouts[i], &m->slices[i], sizeof dummy, &err);
	}
	if (ok && macho_plan_file(&plan, m, layouts, &err) &&
	    whole_code_emit(&out, m, &plan, layouts, signatures, &err))
		check_written(&out, layouts);
	error_clear(&err);
	for (size_t i = 0; i < m->count; i++)
		macho_layout_free(&layouts[i]);
}

static void write_unsigned(const struct macho *m)
{
	AUTO(buf_free) struct buf out = BUF_INIT(MAX_OUT);
	struct error err = { 0 };
	struct macho again;

	if (macho_unsign(&out, m, &err))
		must(macho_parse(&again, buf_slice(&out), &err));
	error_clear(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	struct slice name;
	struct macho m;

	if (macho_parse(&m, slice_of(data, size), &err)) {
		for (size_t i = 0; i < m.count; i++)
			for (size_t k = 0; macho_dylib(&name, &m.slices[i], k); k++)
				must(name.n < size);
		write_signed(&m);
		write_unsigned(&m);
	}
	error_clear(&err);
	return 0;
}
