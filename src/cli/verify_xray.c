/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verify_xray.h"

#include <stdlib.h>
#include <string.h>

#include "codesign/signature.h"
#include "picture/xray.h"
#include "util/mem.h"

/* What findings are about, by what their ids begin with. */
static const struct {
	const char *start;
	enum xray_kind kind;
} subjects[] = {
	{ "code.", XRAY_CODE },           { "macho.", XRAY_CODE },
	{ "slot.", XRAY_SLOTS },          { "sig.", XRAY_SLOTS },
	{ "ent.", XRAY_SLOTS },           { "exec.", XRAY_SLOTS },
	{ "lib.unsigned", XRAY_SLOTS },   { "cms.", XRAY_MESSAGE },
	{ "cert.", XRAY_MESSAGE },        { "team.", XRAY_MESSAGE },
	{ "profile.cert", XRAY_MESSAGE }, { "lib.", XRAY_MESSAGE },
	{ "seal.", XRAY_RESOURCES },
};

static const char *const part_names[XRAY_KIND_COUNT] = {
	[XRAY_CODE] = "code",
	[XRAY_SLOTS] = "code directories, entitlements, requirements",
	[XRAY_MESSAGE] = "signature message",
	[XRAY_RESOURCES] = "sealed files",
	[XRAY_OTHER] = "what no seal covers",
};

/* The first finding that blocks and is about this part; NULL: none. */
static const char *mismatch_of(const struct findings *all, const char *bundle,
                               enum xray_kind kind)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct finding *f = &all->items[i];

		if (f->rule->severity != FINDING_BLOCK ||
		    strcmp(f->bundle, bundle) != 0)
			continue;
		for (size_t k = 0; k < ARRAY_LEN(subjects); k++)
			if (subjects[k].kind == kind &&
			    strncmp(f->rule->id, subjects[k].start,
			            strlen(subjects[k].start)) == 0)
				return f->found[0] != '\0' ? f->found : f->rule->title;
	}
	return NULL;
}

/* Bytes of a bundle by what they are. */
struct sizes {
	uint64_t of[XRAY_KIND_COUNT];
};

static void add_slice(struct sizes *n, const struct macho_slice *s)
{
	struct signature signature;
	struct error ignored = { 0 };
	struct slice area = macho_signature(s);

	n->of[XRAY_CODE] += s->bytes.n - area.n;
	if (!signature_parse(&signature, area, &ignored)) {
		n->of[XRAY_OTHER] += area.n;
		return;
	}
	uint64_t used =
		signature.blobs.length < area.n ? signature.blobs.length : area.n;
	uint64_t message = signature.cms.n < used ? signature.cms.n : used;
	n->of[XRAY_MESSAGE] += message;
	n->of[XRAY_SLOTS] += used - message;
	n->of[XRAY_OTHER] += area.n - used;
}

/* The deepest bundle whose folder the file is in; its index. */
static size_t owner_of(const struct bundle_tree *tree, const char *path)
{
	size_t best = 0, length = 0;

	for (size_t i = 0; i < tree->count; i++) {
		const char *folder = tree->items[i]->path;
		size_t n = strlen(folder);

		if (n >= length && strncmp(path, folder, n) == 0 &&
		    (path[n] == '/' || path[n] == '\0' || n == 0)) {
			best = i;
			length = n;
		}
	}
	return best;
}

static void measure(struct sizes *sizes, const struct container *c,
                    const struct scan *scan, const struct bundle_tree *tree)
{
	size_t n = strlen(c->root);

	for (size_t i = 0; i < c->count; i++) {
		const struct container_file *file = &c->files[i];
		const struct code *code = scan->files[i].code;

		if (file->type != CONTAINER_FILE ||
		    strncmp(file->path, c->root, n) != 0)
			continue;
		size_t owner = owner_of(tree, file->path);
		if (code != NULL && strcmp(tree->items[owner]->code, file->path) == 0)
			for (size_t k = 0; k < code->m.count; k++)
				add_slice(&sizes[owner], &code->m.slices[k]);
		else if (strstr(file->path, "_CodeSignature/") != NULL)
			sizes[owner].of[XRAY_OTHER] += file->size;
		else
			sizes[owner].of[XRAY_RESOURCES] += file->size;
	}
}

/* As it is called inside the app. */
static const char *inner_path(const struct bundle_tree *tree, const struct bundle *b)
{
	size_t n = strlen(tree->items[0]->path);

	return strncmp(b->path, tree->items[0]->path, n) == 0 && b->path[n] == '/'
	               ? b->path + n + 1
	               : b->path;
}

static bool draw(struct buf *svg, const struct bundle_tree *tree,
                 const struct sizes *sizes, const struct findings *findings,
                 const char *name, struct error *err)
{
	AUTO(picture_free) struct picture drawn = { 0 };
	struct xray_part(*parts)[XRAY_KIND_COUNT] =
		mem_zero(tree->count + 1, sizeof *parts);
	struct xray_bar *bars = mem_zero(tree->count + 1, sizeof *bars);

	for (size_t i = 0; i < tree->count; i++) {
		const struct bundle *b = tree->items[i];
		const char *path = i > 0 ? inner_path(tree, b) : b->path;

		bars[i] = (struct xray_bar){ .name = path[0] != '\0' ? path : name,
			                     .depth = (unsigned)b->depth,
			                     .parts = parts[i] };
		for (size_t k = 0; k < XRAY_KIND_COUNT; k++) {
			enum xray_kind kind = (enum xray_kind)k;
			const char *wrong = mismatch_of(findings, b->path, kind);

			if (sizes[i].of[k] == 0 && wrong == NULL)
				continue;
			parts[i][bars[i].count++] =
				(struct xray_part){ .kind = kind,
				                    .bytes = sizes[i].of[k],
				                    .name = part_names[k],
				                    .mismatch = wrong };
		}
	}
	const char *slash = strrchr(name, '/');
	const struct xray all = { .name = slash != NULL && slash[1] != '\0' ? slash + 1
		                                                            : name,
		                  .bars = bars,
		                  .count = tree->count };
	bool ok = picture_xray(&drawn, &all, err) &&
	          buf_append(svg, buf_slice(&drawn.svg), err);
	free(bars);
	free(parts);
	return ok;
}

bool verify_xray(struct buf *svg, const struct container *c, const char *name,
                 const struct findings *findings, unsigned threads, struct error *err)
{
	AUTO(scan_free) struct scan scan = { 0 };
	AUTO(bundle_tree_free) struct bundle_tree tree = { 0 };
	const struct scan_how how = { .page_size = CODE_PAGE_SIZE,
		                      .only_code = true,
		                      .threads = threads };

	if (!scan_app(&scan, c, &how, err) || !bundle_find(&tree, c, &scan, err))
		return false;
	struct sizes *sizes = mem_zero(tree.count + 1, sizeof *sizes);
	measure(sizes, c, &scan, &tree);
	bool ok = draw(svg, &tree, sizes, findings, name, err);
	free(sizes);
	return ok;
}
