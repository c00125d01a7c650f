/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong with one target in one configuration.
 */
#include <unistd.h>

#include "util/mem.h"
#include "xcode/check_impl.h"

static bool is_empty(const struct xcode_value *v)
{
	return v->text[0] == '\0';
}

static bool is_test(const struct cell *c)
{
	return c->scope.target->product == XCODE_UNIT_TESTS ||
	       c->scope.target->product == XCODE_UI_TESTS;
}

/* ---- style ---- */

void xcode_rule_style(struct checker *k, const struct cell *c)
{
	const char *style = c->signing.style.text;

	if (strcmp(style, "Manual") == 0 || strcmp(style, "Automatic") == 0 ||
	    style[0] == '\0')
		return;
	xcode_check_note_setting(k, c, "CODE_SIGN_STYLE");
	xcode_check_report(
		k,
		mem_format("CODE_SIGN_STYLE is \"%s\"; Xcode takes it for Automatic",
	                   style),
		"Set CODE_SIGN_STYLE to Automatic or Manual.");
}

/* What automatic signing is happy with: whom it would choose itself, or nobody. */
static bool is_generic(const char *identity)
{
	static const char *const names[] = {
		"",
		"-",
		"Don't Code Sign",
		"Apple Development",
		"iPhone Developer",
		"iOS Developer",
		"Mac Developer",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(identity, names[i]) == 0)
			return true;
	return false;
}

void xcode_rule_automatic_identity(struct checker *k, const struct cell *c)
{
	const struct xcode_signing *s = &c->signing;

	if (!s->is_automatic || !s->is_signed || is_generic(s->identity.text))
		return;
	xcode_check_note_setting(k, c, "CODE_SIGN_IDENTITY");
	xcode_check_note_setting(k, c, "CODE_SIGN_STYLE");
	xcode_check_report(
		k,
		mem_format("\"%s\" is signed automatically for development, but "
	                   "the identity \"%s\" is given",
	                   c->scope.target->name, s->identity.text),
		"Set CODE_SIGN_IDENTITY to \"Apple Development\" where it wins, or "
		"CODE_SIGN_STYLE to Manual.");
}

/* PROVISIONING_PROFILE_SPECIFIER wins over PROVISIONING_PROFILE. */
static const struct xcode_value *given_profile(const struct cell *c, const char **name)
{
	bool by_name = !is_empty(&c->signing.specifier);

	*name = by_name ? "PROVISIONING_PROFILE_SPECIFIER" : "PROVISIONING_PROFILE";
	return by_name ? &c->signing.specifier : &c->signing.profile;
}

void xcode_rule_automatic_profile(struct checker *k, const struct cell *c)
{
	const char *setting;
	const struct xcode_value *profile = given_profile(c, &setting);

	if (!c->signing.is_automatic || !c->signing.is_signed ||
	    !c->signing.can_have_profile || is_empty(profile))
		return;
	xcode_check_note_setting(k, c, setting);
	xcode_check_note_setting(k, c, "CODE_SIGN_STYLE");
	xcode_check_report(
		k,
		mem_format("\"%s\" is signed automatically, but the profile \"%s\" "
	                   "is given",
	                   c->scope.target->name, profile->text),
		"Empty the profile's setting where it wins, or set CODE_SIGN_STYLE "
		"to Manual.");
}

/* ---- profiles ---- */

void xcode_rule_needless_profile(struct checker *k, const struct cell *c)
{
	const char *setting;
	const struct xcode_value *profile = given_profile(c, &setting);

	if (c->signing.can_have_profile || !xcode_is_yes(c->signing.allowed.text) ||
	    is_empty(profile))
		return;
	xcode_check_note_setting(k, c, setting);
	xcode_check_report(
		k,
		mem_format("\"%s\" is a %s, which has no profile, but \"%s\" is "
	                   "given",
	                   c->scope.target->name,
	                   xcode_product_name(c->scope.target->product), profile->text),
		"Set the profile in the targets of the app and its extensions only, "
		"not for the project or on the command line.");
}

void xcode_rule_no_profile(struct checker *k, const struct cell *c)
{
	const char *setting;

	if (c->signing.is_automatic || !c->signing.is_signed ||
	    !c->signing.needs_profile || is_test(c) ||
	    !is_empty(given_profile(c, &setting)))
		return;
	xcode_check_note_setting(k, c, "CODE_SIGN_STYLE");
	xcode_check_note_setting(k, c, "PROVISIONING_PROFILE_SPECIFIER");
	xcode_check_report(
		k,
		mem_format("\"%s\" is signed manually, but no profile is given",
	                   c->scope.target->name),
		"Set PROVISIONING_PROFILE_SPECIFIER to the name of the profile, or "
		"CODE_SIGN_STYLE to Automatic.");
}

void xcode_rule_profile_uuid(struct checker *k, const struct cell *c)
{
	const char *setting;
	const struct xcode_value *profile = given_profile(c, &setting);

	if (c->signing.is_automatic || !c->signing.is_signed ||
	    !c->signing.can_have_profile || !xcode_is_uuid(profile->text))
		return;
	xcode_check_note_setting(k, c, setting);
	xcode_check_report(
		k,
		mem_format("\"%s\" wants the profile with the UUID %s; when it is "
	                   "renewed it gets another",
	                   c->scope.target->name, profile->text),
		"Set PROVISIONING_PROFILE_SPECIFIER to the profile's name, and empty "
		"PROVISIONING_PROFILE.");
}

/* ---- team, identity ---- */

/* "TEAM/Name", which Xcode 8 wrote, tells the team. */
static bool has_team(const struct cell *c)
{
	return !is_empty(&c->signing.team) ||
	       strchr(c->signing.specifier.text, '/') != NULL;
}

static bool wants_team(const struct cell *c)
{
	enum xcode_product product = c->scope.target->product;

	return c->signing.is_signed && !is_test(c) &&
	       (c->signing.needs_profile || product == XCODE_BUNDLE ||
	        product == XCODE_FRAMEWORK);
}

void xcode_rule_team(struct checker *k, const struct cell *c)
{
	bool is_bundle = c->scope.target->product == XCODE_BUNDLE;

	if (!wants_team(c) || has_team(c))
		return;
	xcode_check_note_setting(k, c, "DEVELOPMENT_TEAM");
	if (is_bundle)
		xcode_check_note_setting(k, c, "CODE_SIGNING_ALLOWED");
	xcode_check_report(
		k, mem_format("signing for \"%s\" needs a team", c->scope.target->name),
		is_bundle ? "Set CODE_SIGNING_ALLOWED to NO: Xcode 14 and later sign "
			    "resource bundles, which need no signature."
			  : "Set DEVELOPMENT_TEAM to the ten characters of the team.");
}

static bool is_nobody(const struct xcode_assignment *a)
{
	return a->value[0] == '\0' || strcmp(a->value, "-") == 0;
}

/* CODE_SIGN_IDENTITY[sdk=iphoneos*] beside another CODE_SIGN_IDENTITY: the first is
 * taken, the second is what people look at and change. */
void xcode_rule_hidden_identity(struct checker *k, const struct cell *c)
{
	struct xcode_cursor cursor = { 0 };
	struct xcode_assignment first, next;

	if (!c->signing.is_signed ||
	    !xcode_next(&first, &cursor, &c->scope, "CODE_SIGN_IDENTITY") ||
	    first.conditions_n == 0 ||
	    !xcode_next(&next, &cursor, &c->scope, "CODE_SIGN_IDENTITY") ||
	    next.level != first.level || next.conditions_n > 0 || is_nobody(&next) ||
	    strcmp(first.value, next.value) == 0)
		return;
	xcode_check_note_setting(k, c, "CODE_SIGN_IDENTITY");
	xcode_check_report(
		k,
		mem_format("\"%s\" is signed by \"%s\", not by \"%s\": the line with "
	                   "a condition wins",
	                   c->scope.target->name, first.value, next.value),
		"Delete one of the two lines.");
}

/* ---- ids and files ---- */

/* Letters, digits, "-" and "."; no empty part. */
static bool is_bundle_id(const char *id)
{
	for (const char *at = id; *at != '\0'; at++) {
		bool is_alnum = (*at >= 'a' && *at <= 'z') ||
		                (*at >= 'A' && *at <= 'Z') ||
		                (*at >= '0' && *at <= '9');

		if (!is_alnum && *at != '-' && *at != '.')
			return false;
		if (*at == '.' && (at == id || at[1] == '.' || at[1] == '\0'))
			return false;
	}
	return id[0] != '\0';
}

void xcode_rule_bundle_id(struct checker *k, const struct cell *c)
{
	const struct xcode_value *id = &c->signing.bundle_id;
	const char *name = c->scope.target->name;

	if (!c->signing.is_signed || !c->signing.needs_profile ||
	    (is_bundle_id(id->text) && id->unknown == NULL))
		return;
	if (id->from.level == XCODE_INFO_PLIST && id->is_set)
		xcode_check_note(k, "CFBundleIdentifier of %s",
		                 c->signing.infoplist.text);
	else
		xcode_check_note_setting(k, c, "PRODUCT_BUNDLE_IDENTIFIER");
	xcode_check_report(
		k,
		id->unknown != NULL
			? mem_format("the bundle id of \"%s\" needs $(%s), which "
	                             "nobody sets",
	                             name, id->unknown)
		: is_empty(id) ? mem_format("\"%s\" has no bundle id", name)
			       : mem_format("\"%s\" is no bundle id for \"%s\"",
	                                    id->text, name),
		"Set PRODUCT_BUNDLE_IDENTIFIER to letters, digits, \"-\" and \".\", "
		"such as com.acme.shop.");
}

static void check_file(struct checker *k, const struct cell *c, const char *setting,
                       const struct xcode_value *v)
{
	AUTO(drop_str) char *path = xcode_path(c->scope.project, v->text);

	if (is_empty(v) || v->unknown != NULL || v->is_cut || access(path, F_OK) == 0)
		return;
	xcode_check_note_setting(k, c, setting);
	xcode_check_report(
		k,
		mem_format("%s of \"%s\" is not there: \"%s\"", setting,
	                   c->scope.target->name, path),
		"Correct the path, which starts from the project's folder, or put "
		"the file there.");
}

void xcode_rule_files(struct checker *k, const struct cell *c)
{
	if (!c->signing.is_signed || !c->scope.project->has_files)
		return;
	check_file(k, c, "CODE_SIGN_ENTITLEMENTS", &c->signing.entitlements);
	check_file(k, c, "INFOPLIST_FILE", &c->signing.infoplist);
}

/* ---- what is inside an app ---- */

void xcode_rule_embedded_id(struct checker *k, const struct cell *c)
{
	if (c->app == NULL || !c->signing.needs_profile)
		return;

	const char *id = c->signing.bundle_id.text,
		   *app = c->app->signing.bundle_id.text;
	size_t n = strlen(app);
	if (id[0] == '\0' || n == 0 ||
	    (strncmp(id, app, n) == 0 && id[n] == '.' && id[n + 1] != '\0'))
		return;
	xcode_check_note_setting(k, c, "PRODUCT_BUNDLE_IDENTIFIER");
	xcode_check_note(k, "\"%s\", which has it inside, is \"%s\"",
	                 c->app->scope.target->name, app);
	xcode_check_report(
		k,
		mem_format("the id \"%s\" of \"%s\" does not begin with \"%s.\"", id,
	                   c->scope.target->name, app),
		"Set PRODUCT_BUNDLE_IDENTIFIER to the app's id, a \".\" and a name.");
}

static bool is_distribution(const char *identity)
{
	return strstr(identity, "Distribution") != NULL;
}

void xcode_rule_same_signer(struct checker *k, const struct cell *c)
{
	const struct xcode_signing *s = &c->signing;

	if (c->parent == NULL || !s->needs_profile || !c->parent->signing.is_signed)
		return;

	const struct xcode_signing *p = &c->parent->signing;
	const char *name = c->scope.target->name,
		   *outer = c->parent->scope.target->name;
	const char *setting;
	char *text;
	if (!s->is_signed) {
		setting = xcode_is_yes(s->allowed.text) ? "CODE_SIGN_IDENTITY"
		                                        : "CODE_SIGNING_ALLOWED";
		text = mem_format("\"%s\" is not signed, but \"%s\" around it is", name,
		                  outer);
	} else if (!is_empty(&s->team) && !is_empty(&p->team) &&
	           strcmp(s->team.text, p->team.text) != 0) {
		setting = "DEVELOPMENT_TEAM";
		text = mem_format("\"%s\" is of team %s, \"%s\" around it of team %s",
		                  name, s->team.text, outer, p->team.text);
	} else if (!s->is_automatic && !p->is_automatic &&
	           is_distribution(s->identity.text) !=
	                   is_distribution(p->identity.text)) {
		setting = "CODE_SIGN_IDENTITY";
		text = mem_format(
			"\"%s\" is signed by \"%s\", \"%s\" around it by \"%s\"", name,
			s->identity.text, outer, p->identity.text);
	} else {
		return;
	}
	xcode_check_note_setting(k, c, setting);
	xcode_check_note_setting(k, c->parent, setting);
	xcode_check_report(k, text, "Give both targets the same team and identity.");
}

void xcode_rule_same_style(struct checker *k, const struct cell *c)
{
	if (c->parent == NULL || !c->signing.needs_profile || !c->signing.is_signed ||
	    !c->parent->signing.is_signed ||
	    c->signing.is_automatic == c->parent->signing.is_automatic)
		return;
	xcode_check_note_setting(k, c, "CODE_SIGN_STYLE");
	xcode_check_note_setting(k, c->parent, "CODE_SIGN_STYLE");
	xcode_check_report(
		k,
		mem_format("\"%s\" is signed %s, \"%s\" around it %s",
	                   c->scope.target->name,
	                   c->signing.is_automatic ? "automatically" : "manually",
	                   c->parent->scope.target->name,
	                   c->signing.is_automatic ? "manually" : "automatically"),
		"Set CODE_SIGN_STYLE to the same in both targets.");
}

/* Nearly all profiles are for one id; that a name is of one with "*" is not known. */
void xcode_rule_same_profile(struct checker *k, const struct cell *c)
{
	const char *setting, *of_parent;

	if (c->parent == NULL || !c->signing.is_signed || c->signing.is_automatic ||
	    !c->signing.needs_profile || !c->parent->signing.is_signed ||
	    c->parent->signing.is_automatic)
		return;

	const struct xcode_value *profile = given_profile(c, &setting);
	if (is_empty(profile) ||
	    strcmp(profile->text, given_profile(c->parent, &of_parent)->text) != 0 ||
	    strcmp(c->signing.bundle_id.text, c->parent->signing.bundle_id.text) == 0)
		return;
	xcode_check_note_setting(k, c, setting);
	xcode_check_note_setting(k, c->parent, of_parent);
	xcode_check_report(
		k,
		mem_format("\"%s\" and \"%s\" around it name the same profile, \"%s\", "
	                   "for the ids \"%s\" and \"%s\"",
	                   c->scope.target->name, c->parent->scope.target->name,
	                   profile->text, c->signing.bundle_id.text,
	                   c->parent->signing.bundle_id.text),
		"Name a profile for each id, unless this one is for \"*\".");
}
