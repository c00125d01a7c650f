/* SPDX-License-Identifier: Apache-2.0 */
/*
 * project.h - an Xcode project: its targets, their configurations, who embeds whom.
 *
 *     AUTO(xcode_paths_free) struct xcode_paths paths = { 0 };
 *     AUTO(xcode_project_close) struct xcode_project p = { 0 };
 *     if (!xcode_find(&paths, "Shop.xcodeproj", err) ||
 *         !xcode_project_open(&p, paths.items[0], err))
 *             return false;
 *
 * What a build setting is in the end: settings.h.  What is wrong with them: check.h.
 * Everything here borrows from the project, which must not move while it is open.
 */
#pragma once

#include "xcode/pbx.h"
#include "xcode/xcconfig.h"

#define XCODE_MAX_TARGETS    10000
#define XCODE_MAX_CONFIGS    500  /* of one list */
#define XCODE_MAX_PROJECTS   1000 /* of one workspace or folder */
#define XCODE_MAX_GROUPS     100  /* groups inside each other */
#define XCODE_MAX_BASE_FILES 1000 /* different base configurations */

enum xcode_product {
	XCODE_APP, /* also of tvOS, visionOS; watch apps of Xcode 14 and later */
	XCODE_WATCH_APP,
	XCODE_APP_CLIP,
	XCODE_EXTENSION,
	XCODE_WATCH_EXTENSION,
	XCODE_FRAMEWORK,
	XCODE_BUNDLE,
	XCODE_UNIT_TESTS,
	XCODE_UI_TESTS,
	XCODE_DYNAMIC_LIBRARY,
	XCODE_STATIC_LIBRARY,
	XCODE_TOOL,
	XCODE_OTHER,     /* a product that we do not know */
	XCODE_AGGREGATE, /* builds nothing of its own */
};

/* "app", "app extension": for people and JSON. */
const char *xcode_product_name(enum xcode_product product);

/* One column of the matrix: a build configuration of the project or a target. */
struct xcode_config {
	const char *id, *name;
	const struct pbx *settings;  /* the dictionary; NULL: there is none */
	char *base_path;             /* of its .xcconfig; NULL: none */
	const struct xcconfig *base; /* NULL: none, or it could not be read */
	const char *base_why;        /* why it could not; NULL */
};

struct xcode_configs {
	struct xcode_config *items;
	size_t count;
	const char *default_name; /* when nobody asks for one; may be NULL */
};

struct xcode_target {
	const char *id, *name;
	const char *product_type; /* "com.apple.product-type.application"; "" */
	enum xcode_product product;
	struct xcode_configs configs;
	/* Indices into the project's targets. */
	size_t *embeds, embed_count;   /* what its product has inside: extensions ... */
	size_t *depends, depend_count; /* what is built before it; in this project */
	/* "Manual", "Automatic", as Xcode 8 noted it among the project's attributes. */
	const struct pbx *old_style; /* NULL: not there */
	unsigned line;               /* where it begins */
};

/* A .xcconfig that several configurations have. */
struct xcode_base {
	struct xcode_base *next;
	char *path;
	struct xcconfig config;
	struct error why; /* code ERROR_NONE: it was read */
};

struct xcode_project {
	char *path;     /* of project.pbxproj */
	char *bundle;   /* "some/Shop.xcodeproj"; of a bare file its path */
	char *name;     /* "Shop" */
	char *root;     /* the folder that paths start from, seen from ours */
	char *srcroot;  /* SRCROOT: the same, absolute if the project was opened */
	bool has_files; /* it was opened, so that files can be looked for */
	char *label; /* how messages call the file: "Shop.xcodeproj/project.pbxproj" */
	struct buf text; /* the bytes; the tree's places are places in it */
	struct pbx *tree;
	const struct pbx *objects;
	struct xcode_configs configs;
	struct xcode_target *targets;
	size_t target_count;
	struct xcode_base *bases; /* in the order of the configurations */
	size_t base_count;
};

/*
 * Open the project at path: project.pbxproj or the .xcodeproj around it.  Reads the
 * .xcconfig files that it names as well; that one is missing is no error (see
 * xcode_config.base_why).
 *
 * Errors: of opening; those of pbx_parse(); ERROR_FORMAT: it is no project.
 */
NODISCARD bool xcode_project_open(struct xcode_project *out, const char *path,
                                  struct error *err);

/* The same from a text, touching no file: no .xcconfig is read.  path is where the
 * text would be. */
NODISCARD bool xcode_project_parse(struct xcode_project *out, struct slice text,
                                   const char *path, struct error *err);

void xcode_project_close(struct xcode_project *p); /* for AUTO() */

/* NULL: there is none of that name. */
const struct xcode_target *xcode_target_find(const struct xcode_project *p,
                                             const char *name);

/*
 * The configuration of that name; NULL: there is none.  Xcode then takes the default
 * one: xcode_config_or_default().
 */
const struct xcode_config *xcode_config_find(const struct xcode_configs *list,
                                             const char *name);
const struct xcode_config *xcode_config_or_default(const struct xcode_configs *list,
                                                   const char *name);

/* The target that has target i inside it, or NULL. */
const struct xcode_target *xcode_parent(const struct xcode_project *p, size_t i);

/* path as Xcode sees it: relative ones start from SRCROOT.  New. */
char *xcode_path(const struct xcode_project *p, const char *path);

/* ---- looking for projects ---- */

struct xcode_paths {
	char **items; /* of .xcodeproj or project.pbxproj: for xcode_project_open() */
	size_t count, cap;
};

/*
 * The projects at path: project.pbxproj, a .xcodeproj, a .xcworkspace (its projects in
 * its order), or a folder (the .xcodeproj in it, by name).
 *
 * Errors: ERROR_NOT_FOUND: there is none; ERROR_LIMIT; ERROR_FORMAT.
 */
NODISCARD bool xcode_find(struct xcode_paths *out, const char *path, struct error *err);
void xcode_paths_free(struct xcode_paths *paths); /* for AUTO() */

/*
 * The projects that contents.xcworkspacedata names, as paths of .xcodeproj.  folder is
 * where the workspace is.
 */
NODISCARD bool xcode_workspace_parse(struct xcode_paths *out, struct slice text,
                                     const char *folder, const char *what,
                                     struct error *err);
