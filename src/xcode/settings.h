/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings.h - what a build setting is for a target in a configuration, and which
 * line says so.
 *
 * The order is Xcode's (swift-build, Settings.swift): the command line, the target's
 * own settings, its .xcconfig, the project's settings, its .xcconfig, defaults.  In a
 * dictionary the key that sorts last wins, so KEY[sdk=...] over KEY; in a .xcconfig
 * the last line that applies.  $(inherited) is the next one down.
 */
#pragma once

#include "xcode/project.h"

#define XCODE_MAX_VALUE     ((size_t)64 << 10) /* bytes of a value */
#define XCODE_MAX_EXPANSION 32                 /* variables inside each other */
#define XCODE_MAX_LOOKUPS   1000               /* for one value */

/* Highest first. */
enum xcode_level {
	XCODE_COMMAND_LINE,
	XCODE_TARGET,
	XCODE_TARGET_FILE, /* its .xcconfig */
	XCODE_PROJECT,
	XCODE_PROJECT_FILE,
	XCODE_DEFAULT, /* Xcode's own: platform, product type, names */
	XCODE_LEVELS,
	/* Of the bundle id alone, where nobody sets PRODUCT_BUNDLE_IDENTIFIER. */
	XCODE_INFO_PLIST = XCODE_LEVELS,
};

const char *xcode_level_name(enum xcode_level level); /* "target's .xcconfig" */

/* KEY=VALUE, as xcodebuild takes it; the key may have conditions. */
struct xcode_override {
	const char *key, *value;
};

/* What a setting is asked for. */
struct xcode_scope {
	const struct xcode_project *project;
	const struct xcode_target *target; /* NULL: the project alone */
	const char *config;                /* "Release" */
	const char *sdk; /* "iphoneos"; "": only conditions that fit everything do */
	const struct xcode_override *overrides; /* the first wins */
	size_t override_count;
};

/* One line that sets a setting. */
struct xcode_assignment {
	enum xcode_level level;
	const char *name,
		*conditions; /* "CODE_SIGN_IDENTITY", "[sdk=iphoneos*]" or "" */
	size_t name_n, conditions_n;
	const char *value;      /* not expanded; "" for what is no text */
	const struct pbx *node; /* the value in project.pbxproj; else NULL */
	const char *file;       /* NULL: in none */
	unsigned line;          /* 0: not known */
};

/*
 * A place in the lines that set a setting.  Zeros: before the first; xcode_next()
 * gives them from the one that wins downwards, false at the end.
 */
struct xcode_cursor {
	enum xcode_level level; /* private */
	size_t done;            /* private: of this level */
};
bool xcode_next(struct xcode_assignment *out, struct xcode_cursor *cursor,
                const struct xcode_scope *scope, const char *name);

/* A setting with every $(VARIABLE) replaced. */
struct xcode_value {
	char *text; /* owned; never NULL after xcode_resolve() */
	bool is_set;
	struct xcode_assignment from; /* the line that wins; with is_set */
	char *unknown; /* the first variable that nobody sets; NULL: none; owned */
	bool is_cut;   /* a limit was reached */
};

/* text "" and is_set false: nobody sets it. */
void xcode_resolve(struct xcode_value *out, const struct xcode_scope *scope,
                   const char *name);

/* Replace the variables in a text, such as one of an .entitlements file. */
void xcode_expand(struct xcode_value *out, const struct xcode_scope *scope,
                  const char *text);

void xcode_value_free(struct xcode_value *v); /* for AUTO() */

/* "target, Shop.xcodeproj/project.pbxproj:120"; new. */
char *xcode_origin(const struct xcode_assignment *a);

/* YES, or a number that is not 0. */
bool xcode_is_yes(const char *value);
/* Written as the UUID of a profile is. */
bool xcode_is_uuid(const char *text);

/* ---- the settings that decide about signing ---- */

struct xcode_signing {
	const char *sdk; /* "iphoneos", "watchos" ...: of what; "" if of none of iOS */
	bool is_automatic; /* the style */
	bool is_signed;    /* allowed, and the identity is not empty */
	bool can_have_profile, needs_profile; /* by the product type */
	struct xcode_value style, identity, team, specifier, profile, bundle_id;
	struct xcode_value entitlements, infoplist, product_name, allowed;
};

/*
 * scope->sdk is ignored: it follows from the target's SDKROOT.  Where nobody sets
 * PRODUCT_BUNDLE_IDENTIFIER, as before Xcode 7, the bundle id is that of Info.plist.
 */
void xcode_signing_resolve(struct xcode_signing *out, const struct xcode_scope *scope);
void xcode_signing_free(struct xcode_signing *s); /* for AUTO() */

/*
 * The device SDK that a target is built with: "iphoneos", "watchos", "appletvos",
 * "xros", "macosx"; "" if that is not known.
 */
const char *xcode_sdk(const struct xcode_scope *scope);
