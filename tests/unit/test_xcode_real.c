/* SPDX-License-Identifier: Apache-2.0 */
/* Real projects: what is read from them, and that nothing of them is lost. */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/harness.h"
#include "util/file.h"
#include "util/mem.h"
#include "xcode/settings.h"

#define FOLDER TESTDATA_DIR "/xcodeproj/"

static bool are_here(void)
{
	if (access(FOLDER, R_OK) == 0)
		return true;
	puts("# skipped: no real projects here");
	return false;
}

static char *project_path(const char *name)
{
	return mem_format(FOLDER "%s.xcodeproj/project.pbxproj", name);
}

/* ---- the text ---- */

/* Between the values there are only marks, comments and white space, and inside each
 * value its own text: so every byte is accounted for. */
static void check_place(struct slice text, const struct pbx *v, size_t low, size_t high)
{
	REQUIRE(v->start >= low && v->end <= high && v->start < v->end);
	unsigned char first = text.p[v->start], last = text.p[v->end - 1];

	switch (v->type) {
	case PBX_DICT:
		CHECK(first == '{' && last == '}');
		break;
	case PBX_ARRAY:
		CHECK(first == '(' && last == ')');
		break;
	case PBX_DATA:
		CHECK(first == '<' && last == '>');
		break;
	default:
		CHECK((first == '"') == (last == '"' && v->end - v->start > 1));
	}
	for (size_t i = 0, at = v->start + 1; i < v->count; i++) {
		const struct pbx_item *item = &v->items[i];

		REQUIRE(item->start >= at && item->end < v->end);
		check_place(text, item->value, item->start, item->end);
		at = item->end;
	}
}

static void check_file(const char *path)
{
	AUTO(file_unmap) struct file_map map = { 0 };
	AUTO(drop_pbx) struct pbx *v = NULL;
	struct error err = { 0 };

	REQUIRE_OK(file_map(&map, path, &err), &err);
	REQUIRE_OK(pbx_parse(&v, map.bytes, path, &err), &err);
	if (v->end > 0)
		check_place(map.bytes, v, 0, map.bytes.n);
}

TEST(every_value_of_a_real_project_has_its_place)
{
	size_t count = 0;

	if (!are_here())
		return;
	AUTO(drop_dir) DIR *dir = opendir(FOLDER);
	REQUIRE(dir != NULL);
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		AUTO(drop_str)
		char *path = mem_format(FOLDER "%s/project.pbxproj", e->d_name);

		if (access(path, R_OK) != 0 || strstr(e->d_name, "31-fail") != NULL)
			continue;
		check_file(path);
		count++;
	}
	printf("# %zu projects\n", count);
	CHECK(count >= 15);
}

static void check_refused(const char *name, const char *text)
{
	AUTO(drop_str) char *path = project_path(name);
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };

	if (!are_here())
		return;
	CHECK_FAILS(xcode_project_open(&p, path, &err), &err, ERROR_FORMAT, text);
}

TEST(refuses_what_is_broken)
{
	check_refused("31-fail", "line 2: a \"{\" is expected here");
	check_refused("32-dots-in-names", "is no Xcode project");
	check_refused("28-header-search", "has no project in it");
}

/* ---- the model ---- */

struct counts {
	const char *name;
	size_t targets, configs; /* of the project and all targets */
};

static void check_counts(const struct counts *c)
{
	AUTO(drop_str) char *path = project_path(c->name);
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(xcode_project_open(&p, path, &err), &err);
	size_t configs = p.configs.count;
	for (size_t i = 0; i < p.target_count; i++)
		configs += p.targets[i].configs.count;
	printf("# %s\n", c->name);
	CHECK(p.target_count == c->targets);
	CHECK(configs == c->configs);
}

/* As counted by those who gathered the projects. */
TEST(has_all_targets_and_configurations)
{
	static const struct counts counts[] = {
		{ "01-automatic-code-signing", 2, 6 },
		{ "03-automatic-code-signing-old", 1, 4 },
		{ "04-Example", 6, 14 },
		{ "06-commandline", 8, 18 },
		{ "07-WatchKit", 3, 8 },
		{ "09-Example", 1, 4 },
		{ "11-FastlaneTrainerExample", 4, 10 },
		{ "13-Feather", 2, 12 },
		{ "15-SynchronizedRootGroups", 1, 4 },
		{ "17-Test", 1, 4 },
		{ "21-Emoji", 35, 72 },
		{ "33-Runner", 1, 6 },
	};

	if (!are_here())
		return;
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		check_counts(&counts[i]);
}
