/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contents.xcworkspacedata: XML of two elements, <Group> and <FileRef>, both with a
 * location "kind:path".
 */
#include <stdlib.h>

#include "util/mem.h"
#include "xcode/project_impl.h"

/* The groups that we are inside of; the first is the workspace's folder. */
struct folders {
	char *items[XCODE_MAX_GROUPS];
	size_t count;
};

static void folders_free(struct folders *f)
{
	while (f->count > 0)
		free(f->items[--f->count]);
}

static bool starts_with(struct slice s, const char *text)
{
	size_t n = strlen(text);

	return s.n >= n && memcmp(s.p, text, n) == 0;
}

/* The tag at the start of s, which begins with "<"; false: it does not end. */
static bool cut_tag(struct slice *tag, struct slice *rest, struct slice s)
{
	unsigned char quote = 0;

	if (starts_with(s, "<!--")) {
		*tag = slice_of(s.p, 0);
		return slice_cut(s, slice_str("-->"), NULL, rest);
	}
	for (size_t i = 1; i < s.n; i++) {
		if (quote != 0) {
			quote = s.p[i] == quote ? 0 : quote;
		} else if (s.p[i] == '"' || s.p[i] == '\'') {
			quote = s.p[i];
		} else if (s.p[i] == '>') {
			*tag = slice_of(s.p + 1, i - 1);
			*rest = slice_of(s.p + i + 1, s.n - i - 1);
			return true;
		}
	}
	return false;
}

static bool is_element(struct slice tag, const char *name)
{
	size_t n = strlen(name);

	return starts_with(tag, name) &&
	       (tag.n == n || strchr(" \t\r\n/", tag.p[n]) != NULL);
}

/* The five entities of XML; in place. */
static void replace_entities(char *text)
{
	static const struct {
		const char *entity;
		char c;
	} entities[] = {
		{ "&lt;", '<' },    { "&gt;", '>' },  { "&quot;", '"' },
		{ "&apos;", '\'' }, { "&amp;", '&' },
	};
	char *to = text;

	while (*text != '\0') {
		size_t n = 1;

		*to = *text;
		for (size_t i = 0; *text == '&' && i < ARRAY_LEN(entities); i++) {
			size_t m = strlen(entities[i].entity);

			if (strncmp(text, entities[i].entity, m) == 0) {
				*to = entities[i].c;
				n = m;
			}
		}
		to++;
		text += n;
	}
	*to = '\0';
}

/* location="..." of a tag; new; NULL: it has none. */
static char *read_location(struct slice tag)
{
	struct slice s = { 0 }, value = { 0 };

	if (!slice_cut(tag, slice_str("location"), NULL, &s))
		return NULL;
	s = slice_skip_space(s);
	if (!starts_with(s, "="))
		return NULL;
	s = slice_skip_space(slice_of(s.p + 1, s.n - 1));
	if (s.n == 0 || (s.p[0] != '"' && s.p[0] != '\'') ||
	    !slice_cut(slice_of(s.p + 1, s.n - 1), slice_of(s.p, 1), &value, NULL))
		return NULL;
	char *text = mem_str(value.p, value.n);
	replace_entities(text);
	return text;
}

/* "group:Shop.xcodeproj" -> a path; new; NULL: of a kind that is not in our files. */
static char *resolve(const char *location, const struct folders *f)
{
	const char *colon = strchr(location, ':');
	const char *path = colon != NULL ? colon + 1 : location;
	struct slice kind = slice_of(location, (size_t)(path - location));

	if (slice_equal(kind, slice_str("group:")))
		return xcode_join(f->items[f->count - 1], path);
	if (slice_equal(kind, slice_str("container:")))
		return xcode_join(f->items[0], path);
	if (slice_equal(kind, slice_str("absolute:")))
		return mem_copy(path);
	/* The workspace inside a .xcodeproj. */
	if (slice_equal(kind, slice_str("self:")))
		return mem_copy(f->items[0]);
	return NULL;
}

static bool fail(const char *what, const char *why, struct error *err)
{
	error_set(err, ERROR_FORMAT, "\"%s\" is no Xcode workspace: %s", what, why);
	return error_hint(err,
	                  "Run \"xmllint --noout '%s'\", or name a .xcodeproj "
	                  "instead.",
	                  what);
}

static bool enter(struct folders *f, struct slice tag, const char *what,
                  struct error *err)
{
	AUTO(drop_str) char *location = read_location(tag);
	char *folder = location != NULL ? resolve(location, f) : NULL;

	if (tag.p[tag.n - 1] == '/') {
		free(folder);
		return true;
	}
	if (f->count == XCODE_MAX_GROUPS) {
		free(folder);
		return error_set(err, ERROR_LIMIT,
		                 "\"%s\" has groups more than %d levels deep", what,
		                 XCODE_MAX_GROUPS);
	}
	f->items[f->count] = folder != NULL ? folder : mem_copy(f->items[f->count - 1]);
	f->count++;
	return true;
}

static bool add_file(struct xcode_paths *out, const struct folders *f, struct slice tag,
                     const char *what, struct error *err)
{
	AUTO(drop_str) char *location = read_location(tag);
	char *path = location != NULL ? resolve(location, f) : NULL;
	size_t n = path != NULL ? strlen(path) : 0;

	if (n <= strlen(".xcodeproj") ||
	    strcmp(path + n - strlen(".xcodeproj"), ".xcodeproj") != 0) {
		free(path);
		return true;
	}
	return xcode_paths_add(out, path, what, err);
}

bool xcode_workspace_parse(struct xcode_paths *out, struct slice text,
                           const char *folder, const char *what, struct error *err)
{
	AUTO(xcode_paths_free) struct xcode_paths found = { 0 };
	AUTO(folders_free)
	struct folders f = { .items = { mem_copy(folder) }, .count = 1 };
	bool is_workspace = false;
	struct slice tag = { 0 };

	while (slice_cut(text, slice_str("<"), &tag, NULL)) {
		bool ok = true;

		text = slice_of(text.p + tag.n, text.n - tag.n);
		if (!cut_tag(&tag, &text, text))
			return fail(what, "a tag never ends", err);
		if (is_element(tag, "Workspace"))
			is_workspace = true;
		else if (is_element(tag, "Group"))
			ok = enter(&f, tag, what, err);
		else if (is_element(tag, "/Group") && f.count > 1)
			free(f.items[--f.count]);
		else if (is_element(tag, "FileRef"))
			ok = add_file(&found, &f, tag, what, err);
		if (!ok)
			return false;
	}
	if (!is_workspace)
		return fail(what, "it has no <Workspace>", err);
	*out = found;
	found = (struct xcode_paths){ 0 };
	return true;
}
