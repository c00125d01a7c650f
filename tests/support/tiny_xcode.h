/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tiny_xcode.h - small Xcode projects, made on the spot.
 *
 *     static const struct tiny_xcode shop = {
 *             .configs = { { "Release", "SDKROOT = iphoneos;" } },
 *             .targets = { { .name = "Shop", .type = "application",
 *                            .configs = { { "Release", "DEVELOPMENT_TEAM = T;" } } } },
 *     };
 */
#pragma once

#include "support/scratch.h"
#include "util/buf.h"
#include "xcode/project.h"

#define TINY_XCODE_MAX ((size_t)1 << 20)

struct tiny_config {
	const char *name;     /* NULL: end of the list */
	const char *settings; /* of the dictionary: "KEY = value;"; NULL: none */
	const char *base;     /* .xcconfig, from SRCROOT; NULL: none */
};

struct tiny_target {
	const char *name;      /* NULL: end of the list */
	const char *type;      /* behind "com.apple.product-type."; NULL: aggregate */
	const char *embeds;    /* names of targets, with a space between; NULL */
	const char *old_style; /* ProvisioningStyle; NULL */
	struct tiny_config configs[3];
};

struct tiny_xcode {
	struct tiny_config configs[3];
	struct tiny_target targets[6];
};

/* Append the text of project.pbxproj. */
NODISCARD bool tiny_xcode_text(struct buf *out, const struct tiny_xcode *t,
                               struct error *err);

/* The same, parsed without files, as "Tiny.xcodeproj/project.pbxproj" in folder
 * "src". */
NODISCARD bool tiny_xcode_parse(struct xcode_project *out, const struct tiny_xcode *t,
                                struct error *err);

/* Write Tiny.xcodeproj into the folder; the path of it, new.  NULL: failed. */
char *tiny_xcode_write(const struct scratch *s, const struct tiny_xcode *t);
