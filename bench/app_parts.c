/* SPDX-License-Identifier: Apache-2.0 */
#include "app_parts.h"

#include <stdlib.h>
#include <string.h>

#include "macho/read.h"
#include "util/mem.h"

#define APP             "Payload/Bench.app"
#define FILES_IN_FOLDER 100
#define LEAST_CODE      20000

void app_parts_free(struct app_parts *parts)
{
	for (size_t i = 0; i < parts->count; i++) {
		free(parts->items[i].name);
		free(parts->items[i].text);
	}
	free(parts->items);
	*parts = (struct app_parts){ 0 };
}

static struct part *add(struct app_parts *parts, enum part_type type, char *name)
{
	parts->items =
		mem_grow(parts->items, parts->count, &parts->cap, sizeof *parts->items);
	struct part *p = &parts->items[parts->count++];
	*p = (struct part){ .type = type, .name = name };
	return p;
}

static void add_text(struct app_parts *parts, char *name, char *text)
{
	add(parts, PART_TEXT, name)->text = text;
}

/* ---- bundles ---- */

static char *info_plist(const char *id, const char *name, const char *type,
                        const char *extra)
{
	return mem_format(
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>"
		"<key>CFBundleIdentifier</key><string>%s</string>"
		"<key>CFBundleExecutable</key><string>%s</string>"
		"<key>CFBundleName</key><string>%s</string>"
		"<key>CFBundlePackageType</key><string>%s</string>"
		"<key>CFBundleVersion</key><string>1</string>"
		"<key>CFBundleShortVersionString</key><string>1.0</string>"
		"<key>MinimumOSVersion</key><string>15.0</string>"
		"<key>UIDeviceFamily</key><array><integer>1</integer></array>%s"
		"</dict></plist>\n",
		id, name, name, type, extra);
}

/* Its folder, Info.plist and executable. */
static void add_bundle(struct app_parts *parts, const char *folder, const char *name,
                       const char *type, uint64_t code_bytes)
{
	static const char extension[] =
		"<key>NSExtension</key><dict><key>NSExtensionPointIdentifier</key>"
		"<string>com.apple.share-services</string></dict>";
	bool is_app = strcmp(type, "APPL") == 0, is_appex = strcmp(type, "XPC!") == 0;
	AUTO(drop_str)
	char *id = is_app ? mem_copy("com.acme.bench")
	                  : mem_format("com.acme.bench.%s", name);

	add(parts, PART_FOLDER, mem_format("%s/", folder));
	add_text(parts, mem_format("%s/Info.plist", folder),
	         info_plist(id, name, type, is_appex ? extension : ""));
	struct part *code = add(parts, PART_CODE, mem_format("%s/%s", folder, name));
	code->filetype = is_app || is_appex ? MACHO_EXECUTE : MACHO_DYLIB;
	code->size = code_bytes;
}

/* The nested code: one extension, then frameworks of growing size. */
static void add_nested(struct app_parts *parts, const struct app_shape *shape)
{
	size_t n = shape->codes - 1;
	uint64_t rest = shape->code_bytes - shape->main_bytes;

	add(parts, PART_FOLDER, mem_copy(APP "/PlugIns/"));
	add(parts, PART_FOLDER, mem_copy(APP "/Frameworks/"));
	for (size_t i = 0; i < n; i++) {
		uint64_t share = rest * 2 * (i + 1) / ((uint64_t)n * (n + 1));
		uint64_t size = share > LEAST_CODE ? share : LEAST_CODE;
		AUTO(drop_str) char *name = mem_format("Kit%zu", i);
		AUTO(drop_str)
		char *folder = mem_format(APP "/Frameworks/%s.framework", name);

		if (i == 0)
			add_bundle(parts, APP "/PlugIns/Share.appex", "Share", "XPC!",
			           size);
		else
			add_bundle(parts, folder, name, "FMWK", size);
	}
}

/* ---- resources ---- */

/* Of ten files three are sound, three pictures, three nibs, one a text. */
static const struct {
	enum filler filler;
	const char *folder, *suffix;
} kinds[] = {
	{ FILLER_RANDOM, "Sounds", "m4a" }, { FILLER_IMAGE, "Assets", "png" },
	{ FILLER_TEXT, "Views", "nib" },    { FILLER_RANDOM, "Films", "mp4" },
	{ FILLER_IMAGE, "Icons", "png" },   { FILLER_TEXT, "Scenes", "nib" },
	{ FILLER_RANDOM, "Models", "bin" }, { FILLER_IMAGE, "Pages", "car" },
	{ FILLER_TEXT, "Data", "json" },    { FILLER_TEXT, "de", "strings" },
};

/* Between 1 and 64, each doubling as likely as the next. */
static uint64_t weight(uint64_t seed, size_t i)
{
	uint64_t r = filler_mix(seed, i);

	return ((uint64_t)256 + (r & 255)) << (r >> 8) % 6;
}

static void add_resource(struct app_parts *parts, size_t i, size_t files, uint64_t size)
{
	/* File i of the whole is number i / 10 of its kind, so kinds stay together. */
	size_t per_kind = (files + ARRAY_LEN(kinds) - 1) / ARRAY_LEN(kinds);
	size_t kind = i / per_kind, number = i % per_kind;
	size_t folder = number / FILES_IN_FOLDER;
	const char *lproj = kind == ARRAY_LEN(kinds) - 1 ? ".lproj" : "";
	AUTO(drop_str)
	char *path = mem_format(APP "/%s%zu%s", kinds[kind].folder, folder, lproj);

	if (number % FILES_IN_FOLDER == 0)
		add(parts, PART_FOLDER, mem_format("%s/", path));
	struct part *p =
		add(parts, PART_RESOURCE,
	            mem_format("%s/file%05zu.%s", path, number, kinds[kind].suffix));
	p->filler = kinds[kind].filler;
	p->size = size > 16 ? size : 16;
}

static void add_resources(struct app_parts *parts, const struct app_shape *shape,
                          uint64_t seed)
{
	uint64_t total = 0;

	for (size_t i = 0; i < shape->files; i++)
		total += weight(seed, i);
	for (size_t i = 0; i < shape->files; i++) {
		double share = (double)weight(seed, i) / (double)total;

		add_resource(parts, i, shape->files,
		             (uint64_t)(share * (double)shape->bytes));
	}
}

/* Before the others, so that they lie behind 4 GiB in the archive. */
static void add_one(struct app_parts *parts, uint64_t bytes)
{
	if (bytes == 0)
		return;
	struct part *one = add(parts, PART_RESOURCE, mem_copy(APP "/Film.mp4"));
	one->filler = FILLER_RANDOM;
	one->size = bytes;
}

void app_parts_make(struct app_parts *out, const struct app_shape *shape, uint64_t seed)
{
	*out = (struct app_parts){ 0 };
	add(out, PART_FOLDER, mem_copy("Payload/"));
	add_bundle(out, APP, "Bench", "APPL", shape->main_bytes);
	add_text(out, mem_copy(APP "/PkgInfo"), mem_copy("APPL????"));
	add_nested(out, shape);
	add_one(out, shape->one_bytes);
	add_resources(out, shape, seed);
	for (size_t i = 0; i < out->count; i++)
		out->items[i].seed = filler_mix(seed, i);
}
