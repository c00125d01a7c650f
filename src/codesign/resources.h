/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codesign/resources.h - CodeResources: rules, building and reading (spec
 * section 6).  Knows paths and hashes, no files: bundle/ brings those.
 */
#pragma once

#include "crypto/digest.h"
#include "util/plist.h"

#define RESOURCES_MAX_BYTES ((size_t)64 << 20)
#define RESOURCES_MAX_RULES 256
/* Characters of all patterns of one dictionary; of one: resource_pattern.h. */
#define RESOURCES_MAX_PATTERNS ((size_t)8192)

/* One rule of a `rules` or `rules2` dictionary, compiled. */
struct resource_rules; /* private */

struct resource_match {
	bool omit, optional, nested;
	double weight;
};

/* Compile; ERROR_FORMAT for a pattern that is no regular expression, _LIMIT. */
NODISCARD bool resource_rules_new(struct resource_rules **out, const struct pl *rules,
                                  struct error *err);
void drop_resource_rules(struct resource_rules **rules); /* for AUTO() */

/* The deciding rule for a path; false if no rule matches (then it is not sealed). */
bool resource_rules_match(struct resource_match *out,
                          const struct resource_rules *rules, const char *path);

/* The default rules (6.2); new trees, the caller frees. */
enum resource_layout {
	RESOURCES_FLAT,     /* iOS, since macOS 10.15 */
	RESOURCES_FLAT_OLD, /* iOS, before */
	RESOURCES_DEEP,     /* macOS */
};
struct pl *resource_default_rules(enum resource_layout layout);
struct pl *resource_default_rules2(enum resource_layout layout);

/* One thing below the bundle root, as the walker found it. */
struct resource_file {
	const char *path;        /* relative to the bundle root, '/' separators */
	const char *link_target; /* symlink: where it points; else NULL */
	/* regular file: */
	bool has_sha1, has_sha256;
	unsigned char sha1[20], sha256[32];
	/* nested code (macOS rules only): both set instead of hashes */
	const unsigned char *cdhash; /* 20 bytes, or NULL */
	const char *requirement;
};

/*
 * Is this path left out whatever the rules say (6.3: _CodeSignature, CodeResources,
 * _MASReceipt at the top, the main executable)?
 */
bool resource_is_excluded(const char *path, const char *executable);

/*
 * Append the CodeResources file.  files in any order, without excluded ones.
 * with_sha1/with_sha256: the digests of the signature (2.3).  v1 `files` always
 * carries SHA-1, so has_sha1 is needed for each regular file.
 */
NODISCARD bool resources_build(struct buf *out, const struct resource_file *files,
                               size_t count, const struct pl *rules,
                               const struct pl *rules2, bool with_sha1,
                               bool with_sha256, struct error *err);

/* One entry of a CodeResources file, read. */
struct resource_entry {
	const char *path; /* borrowed from the plist */
	bool optional;
	struct slice sha1, sha256; /* empty: not listed */
	const char *link_target;   /* or NULL */
	struct slice cdhash;       /* nested code: 20 bytes; else empty */
	const char *requirement;   /* nested code */
};

struct resources {
	struct pl *root;
	bool is_v1_only; /* no files2/rules2: a weak envelope */
	struct resource_entry *entries, *v1_entries; /* sorted by path bytes */
	size_t count, v1_count;
	struct resource_rules *rules; /* of rules2, or of rules when v1 only */
	struct resource_rules *v1_rules;
	const struct pl *rules_plist, *rules2_plist;
};
NODISCARD bool resources_parse(struct resources *out, struct slice file,
                               struct error *err);
void resources_free(struct resources *r); /* for AUTO() */
const struct resource_entry *resources_find(const struct resources *r,
                                            const char *path);
