/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ids: A of targets, B their lists, Cnm their configurations, D products, E build
 * files, F phases, G dependencies, H .xcconfig files; P for those of the project.
 */
#include "support/tiny_xcode.h"

#include <stdlib.h>

#include "util/file.h"
#include "util/mem.h"

static bool put_config(struct buf *out, const char *owner, size_t n,
                       const struct tiny_config *c, struct error *err)
{
	if (!buf_append_format(out, err,
	                       "\t\tC%s%zu /* %s */ = {\n\t\t\tisa = "
	                       "XCBuildConfiguration;\n",
	                       owner, n, c->name))
		return false;
	if (c->base != NULL &&
	    !buf_append_format(out, err,
	                       "\t\t\tbaseConfigurationReference = H%s%zu /* b */;\n",
	                       owner, n))
		return false;
	return buf_append_format(out, err,
	                         "\t\t\tbuildSettings = {\n\t\t\t\t%s\n\t\t\t};\n"
	                         "\t\t\tname = \"%s\";\n\t\t};\n",
	                         c->settings != NULL ? c->settings : "", c->name) &&
	       (c->base == NULL ||
	        buf_append_format(
			out, err,
			"\t\tH%s%zu = {isa = PBXFileReference; path = \"%s\"; "
			"sourceTree = \"<group>\"; };\n",
			owner, n, c->base));
}

static bool put_list(struct buf *out, const char *owner, const struct tiny_config *c,
                     struct error *err)
{
	for (size_t i = 0; c[i].name != NULL; i++)
		if (!put_config(out, owner, i, &c[i], err))
			return false;
	if (!buf_append_format(out, err,
	                       "\t\tB%s = {\n\t\t\tisa = XCConfigurationList;\n"
	                       "\t\t\tbuildConfigurations = (\n",
	                       owner))
		return false;
	for (size_t i = 0; c[i].name != NULL; i++)
		if (!buf_append_format(out, err, "\t\t\t\tC%s%zu /* %s */,\n", owner, i,
		                       c[i].name))
			return false;
	return buf_append_format(out, err,
	                         "\t\t\t);\n\t\t\tdefaultConfigurationName = \"%s\";\n"
	                         "\t\t};\n",
	                         c[0].name != NULL ? c[0].name : "");
}

static bool is_embedded(const struct tiny_target *by, const char *name)
{
	AUTO(drop_str) char *list = mem_format(" %s ", by->embeds ? by->embeds : "");
	AUTO(drop_str) char *word = mem_format(" %s ", name);

	return strstr(list, word) != NULL;
}

static bool put_target(struct buf *out, const struct tiny_xcode *t, size_t n,
                       struct error *err)
{
	const struct tiny_target *target = &t->targets[n];
	AUTO(drop_str) char *owner = mem_format("%zu", n);
	AUTO(buf_free) struct buf files = BUF_INIT(TINY_XCODE_MAX);
	AUTO(buf_free) struct buf depends = BUF_INIT(TINY_XCODE_MAX);

	for (size_t i = 0; t->targets[i].name != NULL; i++)
		if (is_embedded(target, t->targets[i].name) &&
		    (!buf_append_format(out, err,
		                        "\t\tE%zu%zu = {isa = PBXBuildFile; fileRef = "
		                        "D%zu; };\n\t\tG%zu%zu = {isa = "
		                        "PBXTargetDependency; target = A%zu; };\n",
		                        n, i, i, n, i, i) ||
		     !buf_append_format(&files, err, "E%zu%zu,", n, i) ||
		     !buf_append_format(&depends, err, "G%zu%zu,", n, i)))
			return false;
	return put_list(out, owner, target->configs, err) &&
	       buf_append_format(
		       out, err,
		       "\t\tF%zu = {isa = PBXCopyFilesBuildPhase; dstSubfolderSpec = "
		       "13; files = (%.*s); };\n"
		       "\t\tD%zu = {isa = PBXFileReference; path = x; sourceTree = "
		       "BUILT_PRODUCTS_DIR; };\n"
		       "\t\tA%zu /* %s */ = {\n\t\t\tisa = %s;\n"
		       "\t\t\tbuildConfigurationList = B%zu;\n"
		       "\t\t\tbuildPhases = (F%zu);\n\t\t\tdependencies = (%.*s);\n"
		       "\t\t\tname = \"%s\";\n\t\t\tproductReference = D%zu;\n"
		       "\t\t\tproductType = \"com.apple.product-type.%s\";\n\t\t};\n",
		       n, (int)files.n, (const char *)buf_slice(&files).p, n, n,
		       target->name,
		       target->type != NULL ? "PBXNativeTarget" : "PBXAggregateTarget",
		       n, n, (int)depends.n, (const char *)buf_slice(&depends).p,
		       target->name, n, target->type != NULL ? target->type : "");
}

static bool put_project(struct buf *out, const struct tiny_xcode *t, struct error *err)
{
	if (!buf_append_str(out,
	                    "\t\tP = {\n\t\t\tisa = PBXProject;\n\t\t\tattributes = "
	                    "{ TargetAttributes = {\n",
	                    err))
		return false;
	for (size_t i = 0; t->targets[i].name != NULL; i++)
		if (t->targets[i].old_style != NULL &&
		    !buf_append_format(out, err,
		                       "\t\t\t\tA%zu = { ProvisioningStyle = %s; };\n",
		                       i, t->targets[i].old_style))
			return false;
	if (!buf_append_str(out,
	                    "\t\t\t}; };\n\t\t\tbuildConfigurationList = BP;\n"
	                    "\t\t\ttargets = (\n",
	                    err))
		return false;
	for (size_t i = 0; t->targets[i].name != NULL; i++)
		if (!buf_append_format(out, err, "\t\t\t\tA%zu /* %s */,\n", i,
		                       t->targets[i].name))
			return false;
	return buf_append_str(out, "\t\t\t);\n\t\t};\n", err);
}

bool tiny_xcode_text(struct buf *out, const struct tiny_xcode *t, struct error *err)
{
	if (!buf_append_str(out,
	                    "// !$*UTF8*$!\n{\n\tarchiveVersion = 1;\n"
	                    "\tobjectVersion = 56;\n\tobjects = {\n",
	                    err))
		return false;
	for (size_t i = 0; t->targets[i].name != NULL; i++)
		if (!put_target(out, t, i, err))
			return false;
	return put_list(out, "P", t->configs, err) && put_project(out, t, err) &&
	       buf_append_str(out, "\t};\n\trootObject = P /* Project object */;\n}\n",
	                      err);
}

bool tiny_xcode_parse(struct xcode_project *out, const struct tiny_xcode *t,
                      struct error *err)
{
	AUTO(buf_free) struct buf text = BUF_INIT(TINY_XCODE_MAX);

	return tiny_xcode_text(&text, t, err) &&
	       xcode_project_parse(out, buf_slice(&text),
	                           "src/Tiny.xcodeproj/project.pbxproj", err);
}

char *tiny_xcode_write(const struct scratch *s, const struct tiny_xcode *t)
{
	AUTO(buf_free) struct buf text = BUF_INIT(TINY_XCODE_MAX);
	AUTO(drop_str) char *folder = scratch_path(s, "Tiny.xcodeproj");
	AUTO(drop_str) char *file = mem_format("%s/project.pbxproj", folder);
	struct error err = { 0 };

	if (!tiny_xcode_text(&text, t, &err) || !file_make_dir(folder, 0755, &err) ||
	    !file_write(file, buf_slice(&text), 0644, false, &err))
		return NULL;
	return STEAL(folder);
}
