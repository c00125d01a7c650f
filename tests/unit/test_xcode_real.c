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

/* As counted by those who gathered the projects: a line of their index. */
struct counts {
	size_t targets, configs, identities, specifiers, profiles, teams, styles;
};

/* What we count; configurations that no list has are not ours, but are there. */
static void count_object(struct counts *c, const struct pbx *o)
{
	const struct pbx *settings = pbx_get_type(o, "buildSettings", PBX_DICT);
	const char *isa = pbx_string(o, "isa");
	size_t first;

	c->configs += isa != NULL && strcmp(isa, "XCBuildConfiguration") == 0;
	for (size_t i = 0; settings != NULL && i < settings->count; i++) {
		struct slice name = { 0 }, conditions = { 0 };

		if (!xcconfig_split_key(&name, &conditions,
		                        slice_str(settings->items[i].key)))
			continue;
		c->identities += slice_equal(name, slice_str("CODE_SIGN_IDENTITY"));
		c->specifiers +=
			slice_equal(name, slice_str("PROVISIONING_PROFILE_SPECIFIER"));
		c->profiles += slice_equal(name, slice_str("PROVISIONING_PROFILE"));
		c->teams += slice_equal(name, slice_str("DEVELOPMENT_TEAM"));
		c->styles += slice_equal(name, slice_str("CODE_SIGN_STYLE"));
	}
	CHECK(pbx_with_prefix(&first, settings, "") ==
	      (settings != NULL ? settings->count : 0));
}

static bool read_index(struct counts *out, char *line, char **file)
{
	char *columns[16], *at = line;

	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		columns[i] = at;
		at = strchr(at, '\t');
		if (at == NULL)
			return false;
		*at++ = '\0';
	}
	*file = columns[0];
	*out = (struct counts){
		.targets = strtoul(columns[4], NULL, 10),
		.configs = strtoul(columns[5], NULL, 10),
		.identities = strtoul(columns[7], NULL, 10),
		.specifiers = strtoul(columns[8], NULL, 10),
		.profiles = strtoul(columns[9], NULL, 10),
		.teams = strtoul(columns[10], NULL, 10),
		.styles = strtoul(columns[11], NULL, 10),
	};
	return true;
}

static bool check_line(char *line)
{
	struct counts expected, got;
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };
	char *file;

	if (!read_index(&expected, line, &file))
		return false;
	AUTO(drop_str) char *path = mem_format(FOLDER "%s", file);
	/* Some are broken on purpose, or are a part of a project; of XML others counted
	   nothing. */
	if (!xcode_project_open(&p, path, &err) || p.tree->end == 0)
		return false;
	got = (struct counts){ .targets = p.target_count };
	for (size_t i = 0; i < p.objects->count; i++)
		count_object(&got, p.objects->items[i].value);
	printf("# %s\n", file);
	CHECK(got.targets == expected.targets && got.configs == expected.configs);
	CHECK(got.identities == expected.identities);
	CHECK(got.specifiers == expected.specifiers);
	CHECK(got.profiles == expected.profiles);
	CHECK(got.teams == expected.teams && got.styles == expected.styles);
	return true;
}

/* Every target can be asked for its settings; nothing is cut. */
static void resolve_all(const char *path)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };

	if (!xcode_project_open(&p, path, &err))
		return;
	for (size_t i = 0; i < p.target_count; i++)
		for (size_t j = 0; j < p.configs.count; j++) {
			AUTO(xcode_signing_free) struct xcode_signing s = { 0 };
			const struct xcode_scope scope = {
				.project = &p,
				.target = &p.targets[i],
				.config = p.configs.items[j].name,
			};

			xcode_signing_resolve(&s, &scope);
			CHECK(p.targets[i].product == XCODE_AGGREGATE ||
			      s.product_name.text[0] != '\0');
			CHECK(!s.bundle_id.is_cut && !s.product_name.is_cut);
		}
}

TEST(has_what_others_counted)
{
	AUTO(buf_free) struct buf index = BUF_INIT(1 << 20);
	struct error err = { 0 };
	size_t count = 0;

	if (!are_here())
		return;
	REQUIRE_OK(file_read(&index, FOLDER "index.tsv", &err), &err);
	AUTO(drop_str) char *text = mem_str(buf_slice(&index).p, index.n);
	for (char *line = text, *end; line != NULL && line[0] != '\0'; line = end) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end++ = '\0';
		count += check_line(line);
	}
	CHECK(count >= 13);
}

TEST(every_setting_of_a_real_project_resolves)
{
	if (!are_here())
		return;
	AUTO(drop_dir) DIR *dir = opendir(FOLDER);
	REQUIRE(dir != NULL);
	for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
		AUTO(drop_str)
		char *path = mem_format(FOLDER "%s/project.pbxproj", e->d_name);

		resolve_all(path);
	}
}
