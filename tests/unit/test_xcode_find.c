/* SPDX-License-Identifier: Apache-2.0 */
/* Which projects are at a path: folders, workspaces. */
#include <stdlib.h>
#include <sys/stat.h>

#include "support/harness.h"
#include "support/scratch.h"
#include "util/file.h"
#include "util/mem.h"
#include "xcode/project.h"

/* The projects of a workspace in "ws", with "|" between. */
static void lists_at(const char *text, const char *expected, int line)
{
	AUTO(xcode_paths_free) struct xcode_paths found = { 0 };
	struct error err = { 0 };
	AUTO(drop_str) char *all = mem_copy("");

	if (!test_ok(xcode_workspace_parse(&found, slice_str(text), "ws", "data", &err),
	             &err, __FILE__, line, text))
		return;
	for (size_t i = 0; i < found.count; i++) {
		char *longer =
			mem_format("%s%s%s", all, i > 0 ? "|" : "", found.items[i]);

		free(all);
		all = longer;
	}
	test_equal_str(all, expected, __FILE__, line);
}

#define LISTS(inside, expected)                                                  \
	lists_at("<?xml version=\"1.0\"?>\n<Workspace version = \"1.0\">" inside \
	         "</Workspace>",                                                 \
	         expected, __LINE__)

TEST(lists_the_projects_of_a_workspace)
{
	LISTS("", "");
	LISTS("<FileRef location = \"group:A.xcodeproj\"></FileRef>"
	      "<FileRef location='container:b/B.xcodeproj'/>",
	      "ws/A.xcodeproj|ws/b/B.xcodeproj");
	LISTS("<FileRef\n   location\n=\n\"absolute:/x/A.xcodeproj\">",
	      "/x/A.xcodeproj");
	LISTS("<FileRef location=\"group:README.md\">", "");
	LISTS("<FileRef location=\"group:.xcodeproj\">", "ws/.xcodeproj");
	LISTS("<FileRef location=\"self:\">", "");
	LISTS("<FileRef location=\"developer:A.xcodeproj\">", "");
	LISTS("<FileRef>", "");
	LISTS("<FileRef location>", "");
	LISTS("<FileRef location=x>", "");
	LISTS("<FileReference location=\"group:A.xcodeproj\">", "");
	LISTS("<!-- <FileRef location=\"group:A.xcodeproj\"> -->", "");
	LISTS("<FileRef location=\"group:&lt;&gt;&amp;&quot;&apos;&x;.xcodeproj\">",
	      "ws/<>&\"'&x;.xcodeproj");
	LISTS("<FileRef name=\"a>b\" location=\"group:A.xcodeproj\">",
	      "ws/A.xcodeproj");
}

TEST(groups_move_where_paths_start)
{
	LISTS("<Group location=\"group:a\"><Group location=\"group:b\">"
	      "<FileRef location=\"group:A.xcodeproj\"/>"
	      "<FileRef location=\"container:B.xcodeproj\"/></Group>"
	      "<FileRef location=\"group:C.xcodeproj\"/></Group></Group>"
	      "<FileRef location=\"group:D.xcodeproj\"/>",
	      "ws/a/b/A.xcodeproj|ws/B.xcodeproj|ws/a/C.xcodeproj|ws/D.xcodeproj");
	LISTS("<Group name=\"x\"><FileRef location=\"group:A.xcodeproj\"/></Group>",
	      "ws/A.xcodeproj");
	LISTS("<Group location=\"group:a\"/><FileRef location=\"group:A.xcodeproj\"/>",
	      "ws/A.xcodeproj");
}

static bool parse(const char *text, struct error *err)
{
	AUTO(xcode_paths_free) struct xcode_paths found = { 0 };

	return xcode_workspace_parse(&found, slice_str(text), "ws", "data", err);
}

TEST(the_workspace_inside_a_project_is_of_that_project)
{
	AUTO(xcode_paths_free) struct xcode_paths found = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(
		xcode_workspace_parse(
			&found,
			slice_str(
				"<Workspace><FileRef location=\"self:\"/></Workspace>"),
			"a/Shop.xcodeproj", "data", &err),
		&err);
	REQUIRE(found.count == 1);
	CHECK_STR(found.items[0], "a/Shop.xcodeproj");
}

TEST(refuses_what_is_no_workspace)
{
	struct error err = { 0 };

	CHECK_FAILS(parse("", &err), &err, ERROR_FORMAT,
	            "\"data\" is no Xcode workspace: it has no <Workspace>");
	err = (struct error){ 0 };
	CHECK_FAILS(parse("<Workspaces>", &err), &err, ERROR_FORMAT, "no <Workspace>");
	err = (struct error){ 0 };
	CHECK_FAILS(parse("<Workspace><FileRef location=\"a>", &err), &err,
	            ERROR_FORMAT, "a tag never ends");
	err = (struct error){ 0 };
	CHECK_FAILS(parse("<Workspace><!-- x", &err), &err, ERROR_FORMAT,
	            "a tag never ends");
}

TEST(cut_at_any_byte_nothing_breaks)
{
	static const char text[] =
		"<Workspace><Group location=\"group:a\"><FileRef location = "
		"'group:&amp;.xcodeproj'/></Group><!-- x --></Workspace>";

	for (size_t n = 0; n < sizeof text; n++) {
		AUTO(xcode_paths_free) struct xcode_paths found = { 0 };
		struct error err = { 0 };
		char *exact = n > 0 ? mem_resize(NULL, n) : NULL;

		if (n > 0)
			memcpy(exact, text, n);
		bool ok = xcode_workspace_parse(&found, slice_of(exact, n), "ws", "d",
		                                &err);
		CHECK(ok || (err.code == ERROR_FORMAT && found.count == 0));
		free(exact);
	}
}

static bool parse_groups(size_t n, struct error *err)
{
	AUTO(buf_free) struct buf text = BUF_INIT(1 << 20);
	AUTO(xcode_paths_free) struct xcode_paths found = { 0 };

	if (!buf_append_str(&text, "<Workspace>", err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!buf_append_str(&text, "<Group>", err))
			return false;
	return xcode_workspace_parse(&found, buf_slice(&text), "ws", "data", err);
}

static bool parse_projects(size_t n, struct error *err)
{
	AUTO(buf_free) struct buf text = BUF_INIT(1 << 20);
	AUTO(xcode_paths_free) struct xcode_paths found = { 0 };

	if (!buf_append_str(&text, "<Workspace>", err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!buf_append_str(&text, "<FileRef location='group:A.xcodeproj'/>",
		                    err))
			return false;
	return xcode_workspace_parse(&found, buf_slice(&text), "ws", "data", err);
}

TEST(limits)
{
	struct error err = { 0 };

	/* The workspace itself is the first group. */
	CHECK(parse_groups(XCODE_MAX_GROUPS - 1, &err));
	CHECK_FAILS(parse_groups(XCODE_MAX_GROUPS, &err), &err, ERROR_LIMIT,
	            "groups more than 100 levels deep");
	err = (struct error){ 0 };
	CHECK(parse_projects(XCODE_MAX_PROJECTS, &err));
	CHECK_FAILS(parse_projects(XCODE_MAX_PROJECTS + 1, &err), &err, ERROR_LIMIT,
	            "more than 1000 projects");
}

/* ---- folders ---- */

static bool make_folder(const struct scratch *s, const char *name)
{
	AUTO(drop_str) char *path = scratch_path(s, name);

	return mkdir(path, 0755) == 0;
}

TEST(lists_the_projects_of_a_folder_by_name)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(xcode_paths_free) struct xcode_paths found = { 0 };
	struct error err = { 0 };

	REQUIRE(scratch_make(&s));
	CHECK_FAILS(xcode_find(&found, s.path, &err), &err, ERROR_NOT_FOUND,
	            "there is no Xcode project in");
	err = (struct error){ 0 };
	REQUIRE(make_folder(&s, "other") && make_folder(&s, "other/C.xcodeproj"));
	for (char c = 'Z'; c >= 'A'; c--) {
		AUTO(drop_str) char *name = mem_format("%c.xcodeproj", c);

		REQUIRE(make_folder(&s, name));
	}
	AUTO(drop_str) char *with_slash = mem_format("%s//", s.path);
	REQUIRE_OK(xcode_find(&found, with_slash, &err), &err);
	REQUIRE(found.count == 26);
	for (size_t i = 0; i < found.count; i++) {
		AUTO(drop_str)
		char *path = mem_format("%s/%c.xcodeproj", s.path, (char)('A' + i));

		CHECK_STR(found.items[i], path);
	}
}

TEST(a_project_is_found_as_itself)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(xcode_paths_free) struct xcode_paths found = { 0 };
	struct error err = { 0 };

	REQUIRE(scratch_make(&s) && make_folder(&s, "A.xcodeproj"));
	AUTO(drop_str) char *a = scratch_path(&s, "A.xcodeproj");
	REQUIRE_OK(xcode_find(&found, a, &err), &err);
	REQUIRE(found.count == 1);
	CHECK_STR(found.items[0], a);
	xcode_paths_free(&found);
	AUTO(drop_str) char *text = mem_format("%s/README.md", a);
	REQUIRE_OK(file_write(text, slice_str("x"), 0644, false, &err), &err);
	CHECK_FAILS(xcode_find(&found, text, &err), &err, ERROR_FORMAT,
	            "README.md\" is no Xcode project");
	err = (struct error){ 0 };
	AUTO(drop_str) char *none = scratch_path(&s, "none");
	CHECK_FAILS(xcode_find(&found, none, &err), &err, ERROR_NOT_FOUND,
	            "could not open");
}

/* A workspace that is so many bytes long. */
static bool find_workspace(const struct scratch *s, size_t n, struct error *err)
{
	static const char start[] =
		"<Workspace><FileRef location='group:A.xcodeproj'/></Workspace>";
	AUTO(xcode_paths_free) struct xcode_paths found = { 0 };
	AUTO(drop_str) char *workspace = scratch_path(s, "W.xcworkspace");
	AUTO(drop_str)
	char *file = mem_format("%s/contents.xcworkspacedata", workspace);
	AUTO(drop_str) char *text = mem_zero(n, 1);

	memset(text, ' ', n);
	memcpy(text, start, sizeof start - 1);
	return file_make_dir(workspace, 0755, err) &&
	       file_write(file, slice_of(text, n), 0644, false, err) &&
	       xcode_find(&found, workspace, err) && found.count == 1;
}

TEST(the_size_of_a_workspace_is_limited)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	struct error err = { 0 };

	REQUIRE(scratch_make(&s));
	REQUIRE_OK(find_workspace(&s, (size_t)4 << 20, &err), &err);
	CHECK_FAILS(find_workspace(&s, ((size_t)4 << 20) + 1, &err), &err, ERROR_LIMIT,
	            "contents.xcworkspacedata\" is larger than 4194304 bytes");
}
