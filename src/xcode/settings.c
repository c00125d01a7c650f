/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines that set a setting, in the order of their rank.
 */
#include "xcode/settings.h"

#include <stdio.h>

#include "util/mem.h"

static const char *const level_names[] = {
	[XCODE_COMMAND_LINE] = "command line",
	[XCODE_TARGET] = "target",
	[XCODE_TARGET_FILE] = "target's .xcconfig",
	[XCODE_PROJECT] = "project",
	[XCODE_PROJECT_FILE] = "project's .xcconfig",
	[XCODE_DEFAULT] = "Xcode's default",
	[XCODE_INFO_PLIST] = "Info.plist",
};

const char *xcode_level_name(enum xcode_level level)
{
	return level_names[level];
}

char *xcode_origin(const struct xcode_assignment *a)
{
	const char *level = xcode_level_name(a->level);

	if (a->file == NULL)
		return mem_copy(level);
	if (a->line == 0)
		return mem_format("%s, %s", level, a->file);
	return mem_format("%s, %s:%u", level, a->file, a->line);
}

/* ---- conditions ---- */

/* "*" stands for any text, "?" for one byte; linear but for the stars' retries. */
static bool matches(struct slice pattern, const char *text)
{
	const char *retry = NULL;
	size_t i = 0, star = 0;

	while (*text != '\0') {
		if (i < pattern.n && pattern.p[i] == '*') {
			star = ++i;
			retry = text;
		} else if (i < pattern.n && (pattern.p[i] == '?' ||
		                             pattern.p[i] == (unsigned char)*text)) {
			i++;
			text++;
		} else if (retry != NULL) {
			i = star;
			text = ++retry;
		} else {
			return false;
		}
	}
	while (i < pattern.n && pattern.p[i] == '*')
		i++;
	return i == pattern.n;
}

static const struct xcode_config *target_config(const struct xcode_scope *s)
{
	return s->target != NULL
	               ? xcode_config_or_default(&s->target->configs, s->config)
	               : NULL;
}

static const struct xcode_config *project_config(const struct xcode_scope *s)
{
	return xcode_config_or_default(&s->project->configs, s->config);
}

/* What a condition asks about; NULL: it is not known, and only "*" fits. */
static const char *parameter(const struct xcode_scope *s, struct slice name)
{
	const struct xcode_config *config = target_config(s);

	if (slice_equal(name, slice_str("sdk")))
		return s->sdk[0] != '\0' ? s->sdk : NULL;
	if (slice_equal(name, slice_str("config")))
		return config != NULL ? config->name : s->config;
	if (slice_equal(name, slice_str("target")))
		return s->target != NULL ? s->target->name : NULL;
	return NULL;
}

/* "[sdk=iphoneos*][config=Release]": do all hold? */
static bool conditions_hold(struct slice conditions, const struct xcode_scope *s)
{
	struct slice inside = { 0 }, name = { 0 }, pattern = { 0 };

	while (slice_cut(conditions, slice_str("["), NULL, &conditions)) {
		if (!slice_cut(conditions, slice_str("]"), &inside, &conditions) ||
		    !slice_cut(inside, slice_str("="), &name, &pattern))
			return false;
		const char *value = parameter(s, name);
		if (value == NULL ? !slice_equal(pattern, slice_str("*"))
		                  : !matches(pattern, value))
			return false;
	}
	return true;
}

/* Is this key the setting, and does it apply?  Fills in name and conditions. */
static bool key_applies(struct xcode_assignment *out, const char *key,
                        const struct xcode_scope *s, const char *setting)
{
	struct slice name = { 0 }, conditions = { 0 };

	if (!xcconfig_split_key(&name, &conditions, slice_str(key)) ||
	    !slice_equal(name, slice_str(setting)) || !conditions_hold(conditions, s))
		return false;
	out->name = (const char *)name.p;
	out->name_n = name.n;
	out->conditions = (const char *)conditions.p;
	out->conditions_n = conditions.n;
	return true;
}

/* ---- levels ---- */

static bool next_override(struct xcode_assignment *out, size_t *done,
                          const struct xcode_scope *s, const char *setting)
{
	while (*done < s->override_count) {
		const struct xcode_override *o = &s->overrides[(*done)++];

		if (!key_applies(out, o->key, s, setting))
			continue;
		out->value = o->value;
		return true;
	}
	return false;
}

/* A dictionary: the key that sorts last wins. */
static bool next_item(struct xcode_assignment *out, size_t *done,
                      const struct xcode_scope *s, const struct xcode_config *config,
                      const char *setting)
{
	size_t first = 0;
	const struct pbx *dict = config != NULL ? config->settings : NULL;
	size_t n = pbx_with_prefix(&first, dict, setting);

	while (dict != NULL && *done < n) {
		size_t i = dict->order[first + n - 1 - (*done)++];
		const struct pbx_item *item = &dict->items[i];
		const char *text = pbx_text(item->value);

		if (!key_applies(out, item->key, s, setting))
			continue;
		out->value = text != NULL ? text : "";
		out->node = item->value;
		out->file = s->project->label;
		out->line = item->line;
		return true;
	}
	return false;
}

/* As people would say it: from SRCROOT. */
static const char *shown_file(const struct xcode_scope *s, const char *file)
{
	size_t n = strlen(s->project->root);

	return strncmp(file, s->project->root, n) == 0 && file[n] == '/' ? file + n + 1
	                                                                 : file;
}

/* A .xcconfig: the last line that applies wins. */
static bool next_line(struct xcode_assignment *out, size_t *done,
                      const struct xcode_scope *s, const struct xcode_config *config,
                      const char *setting)
{
	const struct xcconfig *file = config != NULL ? config->base : NULL;
	size_t first = 0;
	size_t n = file != NULL ? xcconfig_find(&first, file, setting) : 0;

	while (file != NULL && *done < n) {
		size_t i = file->order[first + n - 1 - (*done)++];
		const struct xcconfig_line *line = &file->lines[i];

		if (!conditions_hold(slice_str(line->conditions), s))
			continue;
		*out = (struct xcode_assignment){
			.name = line->name,
			.name_n = strlen(line->name),
			.conditions = line->conditions,
			.conditions_n = strlen(line->conditions),
			.value = line->value,
			.file = shown_file(s, line->file),
			.line = line->line,
		};
		return true;
	}
	return false;
}

/* ---- defaults ---- */

/* What builds which product may do (swift-build, *ProductTypes.xcspec). */
static const char *signing_allowed(enum xcode_product product)
{
	switch (product) {
	case XCODE_STATIC_LIBRARY:
	case XCODE_OTHER:
	case XCODE_AGGREGATE:
		return "NO";
	default:
		return "YES";
	}
}

static const char *product_default(const struct xcode_target *t, const char *setting)
{
	bool is_library =
		t->product == XCODE_FRAMEWORK || t->product == XCODE_DYNAMIC_LIBRARY;

	if (strcmp(setting, "CODE_SIGNING_ALLOWED") == 0)
		return signing_allowed(t->product);
	if (strcmp(setting, "CODE_SIGNING_REQUIRED") == 0)
		return is_library ? "NO" : "YES";
	if (strcmp(setting, "TARGET_NAME") == 0 || strcmp(setting, "TARGETNAME") == 0)
		return t->name;
	if (strcmp(setting, "PRODUCT_TYPE") == 0)
		return t->product_type;
	return NULL;
}

static const struct {
	const char *setting, *value;
} constants[] = {
	{ "PRODUCT_NAME", "$(TARGET_NAME)" },
	{ "PRODUCT_MODULE_NAME", "$(PRODUCT_NAME:c99extidentifier)" },
	{ "EXECUTABLE_NAME", "$(PRODUCT_NAME)" },
	{ "SRCROOT", "$(PROJECT_DIR)" },
	{ "SOURCE_ROOT", "$(SRCROOT)" },
	{ "PROJECT", "$(PROJECT_NAME)" },
	{ "EFFECTIVE_PLATFORM_NAME", "-$(PLATFORM_NAME)" },
	{ "CODE_SIGN_STYLE", "Automatic" },
	/* Known at signing only; the prefix is the team for all but very old ids. */
	{ "AppIdentifierPrefix", "$(DEVELOPMENT_TEAM)." },
	{ "TeamIdentifierPrefix", "$(DEVELOPMENT_TEAM)." },
	{ "CFBundleIdentifier", "$(PRODUCT_BUNDLE_IDENTIFIER)" },
};

static const char *default_value(const struct xcode_scope *s, const char *setting)
{
	const struct xcode_project *p = s->project;
	const char *of_product =
		s->target != NULL ? product_default(s->target, setting) : NULL;

	if (of_product != NULL)
		return of_product;
	if (strcmp(setting, "PROJECT_NAME") == 0)
		return p->name;
	if (strcmp(setting, "PROJECT_DIR") == 0)
		return p->srcroot;
	if (strcmp(setting, "PROJECT_FILE_PATH") == 0)
		return p->bundle;
	if (strcmp(setting, "CONFIGURATION") == 0)
		return s->config;
	if (strcmp(setting, "PLATFORM_NAME") == 0)
		return s->sdk[0] != '\0' ? s->sdk : NULL;
	/* SDKSettings.plist of all but the Mac. */
	if (strcmp(setting, "CODE_SIGN_IDENTITY") == 0)
		return strcmp(s->sdk, "macosx") != 0 ? "Apple Development" : NULL;
	for (size_t i = 0; i < ARRAY_LEN(constants); i++)
		if (strcmp(constants[i].setting, setting) == 0)
			return constants[i].value;
	return NULL;
}

static bool next_default(struct xcode_assignment *out, size_t *done,
                         const struct xcode_scope *s, const char *setting)
{
	const struct pbx *old =
		s->target != NULL && strcmp(setting, "CODE_SIGN_STYLE") == 0
			? s->target->old_style
			: NULL;
	const char *value = old != NULL ? pbx_text(old) : default_value(s, setting);

	if ((*done)++ > 0 || value == NULL)
		return false;
	*out = (struct xcode_assignment){
		.name = setting,
		.name_n = strlen(setting),
		.conditions = "",
		.value = value,
		.node = old,
		.file = old != NULL ? s->project->label : NULL,
		.line = old != NULL ? old->line : 0,
	};
	return true;
}

static bool next_of_level(struct xcode_assignment *out, struct xcode_cursor *c,
                          const struct xcode_scope *s, const char *setting)
{
	switch (c->level) {
	case XCODE_COMMAND_LINE:
		return next_override(out, &c->done, s, setting);
	case XCODE_TARGET:
		return next_item(out, &c->done, s, target_config(s), setting);
	case XCODE_TARGET_FILE:
		return next_line(out, &c->done, s, target_config(s), setting);
	case XCODE_PROJECT:
		return next_item(out, &c->done, s, project_config(s), setting);
	case XCODE_PROJECT_FILE:
		return next_line(out, &c->done, s, project_config(s), setting);
	default:
		return next_default(out, &c->done, s, setting);
	}
}

bool xcode_next(struct xcode_assignment *out, struct xcode_cursor *cursor,
                const struct xcode_scope *scope, const char *name)
{
	for (; cursor->level < XCODE_LEVELS; cursor->level++, cursor->done = 0) {
		struct xcode_assignment a = { 0 };

		if (!next_of_level(&a, cursor, scope, name))
			continue;
		a.level = cursor->level;
		*out = a;
		return true;
	}
	return false;
}

bool xcode_is_uuid(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (strlen(text) != sizeof form - 1)
		return false;
	for (size_t i = 0; form[i] != '\0'; i++)
		if (form[i] == '-' ? text[i] != '-'
		                   : strchr("0123456789abcdefABCDEF", text[i]) == NULL)
			return false;
	return true;
}

bool xcode_is_yes(const char *value)
{
	return strcmp(value, "YES") == 0 || strcmp(value, "yes") == 0 ||
	       strcmp(value, "true") == 0 || strcmp(value, "TRUE") == 0 ||
	       (value[0] >= '1' && value[0] <= '9');
}
