/* SPDX-License-Identifier: Apache-2.0 */
/*
 * project.pbxproj: every value's place holds that value again, and a project that is
 * read can be asked for everything.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "util/mem.h"
#include "xcode/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_ASKED 20 /* targets and configurations */

static bool is_equal(const struct pbx *a, const struct pbx *b)
{
	if (a->type != b->type || a->count != b->count)
		return false;
	if (a->type == PBX_STRING || a->type == PBX_DATA)
		return slice_equal(a->bytes, b->bytes);
	for (size_t i = 0; i < a->count; i++)
		if ((a->type == PBX_DICT &&
		     strcmp(a->items[i].key, b->items[i].key) != 0) ||
		    !is_equal(a->items[i].value, b->items[i].value))
			return false;
	return true;
}

/* The value's own bytes, alone in a file. */
static void read_again(const struct pbx *v, struct slice text)
{
	AUTO(buf_free) struct buf alone = BUF_INIT(PBX_MAX_BYTES);
	AUTO(drop_pbx) struct pbx *again = NULL;
	struct error err = { 0 };
	bool ok = buf_append_str(&alone, "{a=", &err) &&
	          buf_append(&alone, slice_of(text.p + v->start, v->end - v->start),
	                     &err) &&
	          buf_append_str(&alone, " ;}", &err) &&
	          pbx_parse(&again, buf_slice(&alone), "alone", &err);

	if (!ok) {
		error_print(&err, stderr, true);
		abort();
	}
	assert(is_equal(v, pbx_get(again, "a")));
}

static void check_places(const struct pbx *v, struct slice text)
{
	size_t at = v->start + 1;

	assert(v->start < v->end && v->end <= text.n && v->line > 0);
	for (size_t i = 0; i < v->count; i++) {
		const struct pbx_item *item = &v->items[i];

		assert(item->start >= at && item->end < v->end);
		assert(item->value->start >= item->start);
		assert(item->value->end <= item->end && item->line >= v->line);
		assert(v->type != PBX_DICT || pbx_get(v, item->key) != NULL);
		check_places(item->value, text);
		at = item->end;
	}
}

/* Once for the whole, and for the values at the top: more would be quadratic. */
static void check_tree(const struct pbx *root, struct slice text)
{
	check_places(root, text);
	for (size_t i = 0; i < root->count && i < MAX_ASKED; i++)
		read_again(root->items[i].value, text);
}

static void look(void *ctx, const struct xcode_finding *f)
{
	size_t *count = ctx;

	assert(f->rule != NULL && f->text[0] != '\0' && f->fix[0] != '\0');
	for (size_t i = 0; i < f->evidence_count; i++)
		*count += strlen(f->evidence[i]);
}

static void ask_project(struct slice text)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };
	size_t count = 0;
	const struct xcode_check how = { .report = look, .ctx = &count };

	if (!xcode_project_parse(&p, text, "a/F.xcodeproj/project.pbxproj", &err)) {
		assert(err.message[0] != '\0' && p.tree == NULL);
		return;
	}
	for (size_t i = 0; i < p.target_count; i++)
		assert(xcode_parent(&p, i) != &p.targets[i]);
	if (p.target_count * p.configs.count <= MAX_ASKED)
		xcode_check(&p, &how);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);
	AUTO(drop_pbx) struct pbx *root = NULL;
	struct error err = { 0 };

	if (!pbx_parse(&root, text, "fuzz", &err)) {
		assert(err.message[0] != '\0' && root == NULL);
		return 0;
	}
	if (root->end > 0)
		check_tree(root, text);
	ask_project(text);
	return 0;
}
