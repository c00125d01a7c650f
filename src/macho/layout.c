/* SPDX-License-Identifier: Apache-2.0 */
#include "macho/layout.h"

#include "macho/macho_impl.h"
#include "util/bytes.h"
#include "util/reader.h"

#define SIGNATURE_COMMAND_BYTES 16
#define SIGNATURE_ALIGN         16
#define SEGMENT_ALIGN           0x4000 /* of __LINKEDIT.vmsize and of fat slices */
#define FAT_ALIGN_LOG2          14
/* Apple tolerates this many bytes behind the signature. */
#define TAIL_TOLERANCE 7

static const unsigned char zeros[SIGNATURE_ALIGN];

static uint64_t round_up(uint64_t v, uint64_t to)
{
	return (v + to - 1) / to * to;
}

void macho_layout_free(struct macho_layout *layout)
{
	buf_free(&layout->head);
}

static bool refuse(struct error *err, const char *id, const char *what)
{
	error_set(err, ERROR_FORMAT, "the code cannot be signed: %s", what);
	return error_evidence(err, "%s", id);
}

/* ---- room for the load command (1.4) ---- */

static bool check_room(const struct macho_slice *s, struct error *err)
{
	uint64_t end = (uint64_t)s->header_size + s->sizeofcmds;
	uint64_t need = end + SIGNATURE_COMMAND_BYTES;
	uint64_t limit = s->first_section != 0 ? s->first_section : s->bytes.n;
	struct slice padding = { 0 };

	if (need > limit ||
	    !slice_part(&padding, s->bytes, end, SIGNATURE_COMMAND_BYTES)) {
		error_set(
			err, ERROR_FORMAT,
			"there is no room in the header for a signature: %llu bytes are "
			"missing",
			(unsigned long long)(need > limit ? need - limit
		                                          : SIGNATURE_COMMAND_BYTES));
		error_evidence(err, "macho.no-header-room");
		return error_hint(err, "Link again with -headerpad 0x1000.");
	}
	if (memcmp(padding.p, zeros, SIGNATURE_COMMAND_BYTES) != 0)
		return refuse(err, "macho.no-header-room",
		              "the padding behind its load commands is in use");
	return true;
}

static bool check_linkedit(const struct macho_slice *s, struct error *err)
{
	if (s->linkedit_command == 0)
		return refuse(err, "macho.no-linkedit", "it has no __LINKEDIT segment");
	if (!s->linkedit_is_last)
		return refuse(err, "macho.linkedit-not-last",
		              "its __LINKEDIT segment is not the last");
	if (s->linkedit_fileoff > s->bytes.n)
		return refuse(err, "macho.linkedit-not-last",
		              "its __LINKEDIT segment begins behind the end");
	return true;
}

/* Its 16 bytes are written over, or taken out. */
static bool check_command_size(const struct macho_slice *s, struct error *err)
{
	if (s->sig_command == 0 || s->sig_command_size == SIGNATURE_COMMAND_BYTES)
		return true;
	return refuse(err, "macho.signature-command",
	              "its signature command has not 16 bytes");
}

/* A signature command that leads to nothing is as good as none (P28). */
static bool has_usable_command(const struct macho_slice *s)
{
	return s->sig_command != 0 && s->sig_size > 0;
}

static bool check_signature_is_last(const struct macho_slice *s, struct error *err)
{
	uint64_t end = (uint64_t)s->sig_offset + s->sig_size;

	if (end + TAIL_TOLERANCE < s->bytes.n)
		return refuse(err, "macho.signature-not-last",
		              "the old signature is not at the end of the file");
	if (s->sig_offset < s->linkedit_fileoff)
		return refuse(err, "macho.signature-not-last",
		              "the old signature is outside __LINKEDIT");
	if (s->sig_offset < s->header_size + s->sizeofcmds)
		return refuse(err, "macho.signature-not-last",
		              "the old signature lies in the load commands");
	if (s->sig_offset < s->segments_end)
		return refuse(err, "macho.signature-not-last",
		              "the old signature lies in another segment");
	return true;
}

/* ---- the new head ---- */

static void set_linkedit(unsigned char *head, const struct macho_slice *s,
                         uint64_t filesize)
{
	unsigned char *p = head + s->linkedit_command;
	uint64_t vmsize = round_up(filesize, SEGMENT_ALIGN);

	if (s->is_64) {
		store_le64(p + 32, vmsize);
		store_le64(p + 48, filesize);
	} else {
		store_le32(p + 28, (uint32_t)vmsize);
		store_le32(p + 36, (uint32_t)filesize);
	}
}

static bool make_head(struct macho_layout *out, const struct macho_slice *s,
                      uint32_t command, struct error *err)
{
	size_t n = (size_t)s->header_size + s->sizeofcmds;
	bool is_new = command == n;

	out->head = BUF_INIT((size_t)MACHO_MAX_HEADER + 256);
	if (!buf_append(&out->head, slice_of(s->bytes.p, n), err) ||
	    (is_new &&
	     !buf_append(&out->head, slice_of(zeros, SIGNATURE_COMMAND_BYTES), err)))
		return false;
	unsigned char *head = out->head.p;
	if (is_new) {
		store_le32(head + 16, s->ncmds + 1);
		store_le32(head + 20, s->sizeofcmds + SIGNATURE_COMMAND_BYTES);
		store_le32(head + command, MACHO_LC_CODE_SIGNATURE);
		store_le32(head + command + 4, SIGNATURE_COMMAND_BYTES);
	}
	store_le32(head + command + 8, (uint32_t)out->code_limit);
	store_le32(head + command + 12, out->sig_size);
	set_linkedit(head, s, out->code_limit + out->sig_size - s->linkedit_fileoff);
	return true;
}

bool macho_layout_slice(struct macho_layout *out, const struct macho_slice *s,
                        uint32_t sig_size, struct error *err)
{
	AUTO(macho_layout_free) struct macho_layout layout = { .keep_end = s->bytes.n };
	uint32_t command = s->sig_command;

	if (!check_command_size(s, err) || !check_linkedit(s, err))
		return false;
	if (has_usable_command(s)) {
		if (!check_signature_is_last(s, err))
			return false;
		layout.keep_end = s->sig_offset;
	}
	if (command == 0) {
		if (!check_room(s, err))
			return false;
		command = s->header_size + s->sizeofcmds;
	}
	layout.code_limit = round_up(layout.keep_end, SIGNATURE_ALIGN);
	uint64_t padded = round_up(sig_size, SIGNATURE_ALIGN);
	if (layout.code_limit + padded > UINT32_MAX)
		return error_set(err, ERROR_LIMIT, "the signed code would pass 4 GiB");
	layout.sig_size = (uint32_t)padded;
	if (!make_head(&layout, s, command, err))
		return false;
	*out = layout;
	layout = (struct macho_layout){ 0 };
	return true;
}

void macho_layout_pieces(struct macho_pieces *out, const struct macho_layout *layout,
                         const struct macho_slice *s)
{
	size_t head = layout->head.n;

	*out = (struct macho_pieces){ 0 };
	out->piece[out->count++] = buf_slice(&layout->head);
	if (layout->keep_end > head)
		out->piece[out->count++] =
			slice_of(s->bytes.p + head, (size_t)layout->keep_end - head);
	if (layout->code_limit > layout->keep_end)
		out->piece[out->count++] = slice_of(zeros, (size_t)(layout->code_limit -
		                                                    layout->keep_end));
}

/* ---- the file ---- */

void macho_plan_free(struct macho_plan *plan)
{
	buf_free(&plan->fat_header);
}

static uint64_t slice_size(const struct macho_layout *layout)
{
	return layout->code_limit + layout->sig_size;
}

static bool put_arch(struct buf *b, const struct macho *m, size_t i, uint64_t offset,
                     uint64_t size, struct error *err)
{
	/* cputype and cpusubtype as the old header has them, capability bits and all */
	const unsigned char *old = m->file.p + 8 + i * (m->is_fat64 ? 32 : 20);

	return buf_append(b, slice_of(old, 8), err) &&
	       buf_append_be32(b, (uint32_t)offset, err) &&
	       buf_append_be32(b, (uint32_t)size, err) &&
	       buf_append_be32(b, FAT_ALIGN_LOG2, err);
}

/* Lay out slices of the given sizes behind a fat header. */
static bool plan_fat(struct macho_plan *plan, const struct macho *m,
                     const uint64_t *sizes, struct error *err)
{
	uint64_t at = round_up(8 + 20 * (uint64_t)m->count, SEGMENT_ALIGN);

	plan->is_fat = true;
	plan->fat_header = BUF_INIT(1024);
	if (!buf_append_be32(&plan->fat_header, MACHO_MAGIC_FAT, err) ||
	    !buf_append_be32(&plan->fat_header, (uint32_t)m->count, err))
		return false;
	for (size_t i = 0; i < m->count; i++) {
		at = round_up(at, SEGMENT_ALIGN);
		if (at + sizes[i] > UINT32_MAX)
			return error_set(err, ERROR_LIMIT,
			                 "the signed fat file would pass 4 GiB");
		if (!put_arch(&plan->fat_header, m, i, at, sizes[i], err))
			return false;
		plan->offset[i] = at;
		at += sizes[i];
	}
	plan->total = at;
	return true;
}

static bool plan_sizes(struct macho_plan *out, const struct macho *m,
                       const uint64_t *sizes, struct error *err)
{
	AUTO(macho_plan_free) struct macho_plan plan = { .total = sizes[0] };

	if (m->is_fat && !plan_fat(&plan, m, sizes, err))
		return false;
	*out = plan;
	plan = (struct macho_plan){ 0 };
	return true;
}

bool macho_plan_file(struct macho_plan *out, const struct macho *m,
                     const struct macho_layout *layouts, struct error *err)
{
	uint64_t sizes[MACHO_MAX_SLICES] = { 0 };

	for (size_t i = 0; i < m->count; i++)
		sizes[i] = slice_size(&layouts[i]);
	return plan_sizes(out, m, sizes, err);
}

/* Where macho_emit() has got to. */
struct emitter {
	bool (*put)(void *ctx, struct slice piece, struct error *err);
	void *ctx;
	uint64_t at;
};

static bool emit(struct emitter *e, struct slice piece, struct error *err)
{
	e->at += piece.n;
	return piece.n == 0 || e->put(e->ctx, piece, err);
}

static bool emit_zeros(struct emitter *e, uint64_t until, struct error *err)
{
	static const unsigned char many[4096];

	while (e->at < until) {
		uint64_t n = until - e->at < sizeof many ? until - e->at : sizeof many;

		if (!emit(e, slice_of(many, (size_t)n), err))
			return false;
	}
	return true;
}

bool macho_emit(const struct macho *m, const struct macho_plan *plan,
                const struct macho_layout *layouts, const struct slice *signatures,
                bool (*put)(void *ctx, struct slice piece, struct error *err),
                void *ctx, struct error *err)
{
	struct emitter e = { .put = put, .ctx = ctx };

	if (!emit(&e, buf_slice(&plan->fat_header), err))
		return false;
	for (size_t i = 0; i < m->count; i++) {
		struct macho_pieces pieces;

		if (!emit_zeros(&e, plan->offset[i], err))
			return false;
		macho_layout_pieces(&pieces, &layouts[i], &m->slices[i]);
		for (size_t k = 0; k < pieces.count; k++)
			if (!emit(&e, pieces.piece[k], err))
				return false;
		if (!emit(&e, signatures[i], err) ||
		    !emit_zeros(&e, plan->offset[i] + slice_size(&layouts[i]), err))
			return false;
	}
	return true;
}

static bool pad_to(struct buf *out, size_t start, uint64_t offset, struct error *err)
{
	return buf_append_fill(out, 0, (size_t)offset - (out->n - start), err);
}

/* ---- without a signature (1.5) ---- */

/* The slice without its command and its signature. */
static bool unsign_slice(struct buf *out, const struct macho_slice *s,
                         struct error *err)
{
	uint64_t end = s->bytes.n;
	size_t start = out->n;

	if (s->sig_command == 0)
		return buf_append(out, s->bytes, err);
	if (!check_command_size(s, err) || !check_linkedit(s, err) ||
	    (has_usable_command(s) && !check_signature_is_last(s, err)))
		return false;
	if (has_usable_command(s))
		end = s->sig_offset;
	/* Padding between the string table and the signature goes too. */
	if (s->symtab_end >= s->linkedit_fileoff &&
	    s->symtab_end >= s->header_size + s->sizeofcmds && s->symtab_end <= end &&
	    end - s->symtab_end <= 12)
		end = s->symtab_end;
	if (!buf_append(out, slice_of(s->bytes.p, (size_t)end), err))
		return false;
	unsigned char *p = out->p + start;
	uint32_t commands_end = s->header_size + s->sizeofcmds;
	uint32_t behind = s->sig_command + SIGNATURE_COMMAND_BYTES;
	store_le32(p + 16, s->ncmds - 1);
	store_le32(p + 20, s->sizeofcmds - SIGNATURE_COMMAND_BYTES);
	set_linkedit(p, s, end - s->linkedit_fileoff);
	memmove(p + s->sig_command, p + behind, commands_end - behind);
	memset(p + commands_end - SIGNATURE_COMMAND_BYTES, 0, SIGNATURE_COMMAND_BYTES);
	return true;
}

bool macho_unsign(struct buf *out, const struct macho *m, struct error *err)
{
	AUTO(macho_plan_free) struct macho_plan plan = { 0 };
	uint64_t sizes[MACHO_MAX_SLICES] = { 0 };
	AUTO(buf_free) struct buf all = BUF_INIT(out->max);
	size_t start = out->n, at = 0;

	for (size_t i = 0; i < m->count; i++) {
		size_t before = all.n;

		if (!unsign_slice(&all, &m->slices[i], err))
			return false;
		sizes[i] = all.n - before;
	}
	if (!plan_sizes(&plan, m, sizes, err) ||
	    !buf_append(out, buf_slice(&plan.fat_header), err))
		return false;
	for (size_t i = 0; i < m->count; i++) {
		if (!pad_to(out, start, plan.offset[i], err) ||
		    !buf_append(out, slice_of(all.p + at, (size_t)sizes[i]), err))
			return false;
		at += (size_t)sizes[i];
	}
	return true;
}
