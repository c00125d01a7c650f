/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle/bundle.h - the tree of bundles and loose code inside a container (spec
 * codesign.md 6.6, 9.3).
 */
#pragma once

#include "bundle/scan.h"
#include "util/plist.h"

#define BUNDLE_MAX_DEPTH 16
#define BUNDLE_MAX_CODE  ((size_t)20000) /* bundles and loose files in one app */

enum bundle_kind {
	BUNDLE_APP,
	BUNDLE_WATCH_APP, /* in Watch/ */
	BUNDLE_CLIP,      /* in AppClips/ */
	BUNDLE_APPEX,
	BUNDLE_XPC,
	BUNDLE_FRAMEWORK,
	BUNDLE_XCTEST,
	BUNDLE_PLAIN, /* .bundle with code */
	BUNDLE_LOOSE, /* a Mach-O file of its own: .dylib or any name; or the bare file */
};

/* One thing that is signed. */
struct bundle {
	enum bundle_kind kind;
	char *path; /* in the container: "Payload/X.app/PlugIns/Y.appex"; of the file
	                   itself for BUNDLE_LOOSE */
	char *code; /* path of the executable in the container; for LOOSE = path */
	char *executable; /* relative to path; "" for LOOSE */
	char *id;         /* CFBundleIdentifier, or NULL */
	struct pl *info;  /* Info.plist, or NULL */
	struct bundle *parent;
	size_t depth; /* 0: the app */
	bool is_deep; /* macOS layout: Contents/ */
	/* What is wrong with it, as a reason id of spec 9.3 ("bundle.no-executable");
	   NULL: nothing that stops reading it. */
	const char *problem;
	char *problem_text;
};

struct bundle_tree {
	struct bundle **items; /* parents before children; items[0] is the app */
	size_t count, cap;
};

/*
 * Find everything that is signed in the container's app, which was scanned.  Skips what 6.6 (c)
 * skips.  A broken nested bundle is listed with its problem; only a broken app
 * (no Info.plist) is an error.
 * Errors: ERROR_FORMAT, ERROR_LIMIT, as container_read().
 */
NODISCARD bool bundle_find(struct bundle_tree *out, const struct container *c,
                           const struct scan *scan, struct error *err);
void bundle_tree_free(struct bundle_tree *tree); /* for AUTO() */

/* Runs as a process, so it carries entitlements and a profile. */
bool bundle_is_process(const struct bundle *b);
const char *bundle_kind_name(enum bundle_kind kind);

/* path of a file inside the bundle, in the container; new string. */
char *bundle_file(const struct bundle *b, const char *name);

/* "_CodeSignature/CodeResources" of this bundle in the container; new string.
 * (macOS layout: Contents/_CodeSignature/CodeResources) */
char *bundle_resources_path(const struct bundle *b);
/* Where paths of the seal begin: "Payload/X.app/", on macOS ".../X.app/Contents/". */
char *bundle_seal_root(const struct bundle *b);
char *bundle_info_path(const struct bundle *b);
char *bundle_profile_path(const struct bundle *b);
