/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile create, list, get, renew, delete - provisioning profiles of the portal
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/portalopt.h"
#include "util/term.h"

static struct {
	const char *type, *app, *name, *portal;
	struct opt_list serials, devices;
	struct output out;
} args;

static const char *const types[] = { "development", "adhoc", "appstore", "enterprise",
	                             NULL };
static const enum profile_kind kinds[] = { PROFILE_DEVELOPMENT, PROFILE_ADHOC,
	                                   PROFILE_APPSTORE, PROFILE_ENTERPRISE };

/* ---- create ---- */

static const struct operand create_operands[] = {
	{ .name = "TYPE",
	  .text = &args.type,
	  .choices = types,
	  .help = "what the profile is for" },
	{ 0 },
};

static const struct opt create_options[] = {
	{ .letter = 'a',
	  .name = "app",
	  .text = &args.app,
	  .value = "BUNDLE_ID",
	  .is_required = true,
	  .help = "a registered App ID, or '*'" },
	PORTAL_OPTION(args.portal),
	OUTPUT_OPTION(args.out, "where the .mobileprovision goes"),
	{ .name = "name",
	  .text = &args.name,
	  .value = "NAME",
	  .help = "what to call it; default: made from the App ID" },
	{ .name = "cert",
	  .list = &args.serials,
	  .value = "SERIAL",
	  .help = "who may sign; default: every certificate that fits" },
	{ .name = "device",
	  .list = &args.devices,
	  .value = "UDID",
	  .help = "where it runs; default: every device that fits" },
	FORCE_OPTION(args.out),
	{ 0 },
};

static json_t *profile_json(const struct authority_profile *p)
{
	char expires[CLOCK_TEXT_BYTES];

	clock_format_time(expires, p->expires_s);
	return json_pack("{s:s, s:o, s:s, s:s, s:o, s:s, s:b}", "id", p->id, "name",
	                 jsonio_text(p->name), "uuid", p->uuid, "type",
	                 profile_kind_word(p->kind), "app", jsonio_text(p->identifier),
	                 "expires", expires, "valid", p->is_valid);
}

static bool create(struct authority_profile_list *out, const struct cli *cli,
                   struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	size_t type = 0;

	/* The operand table allows these words only. */
	while (type + 1 < ARRAY_LEN(kinds) && strcmp(types[type], args.type) != 0)
		type++;
	const struct authority_profile_request request = {
		.kind = kinds[type],
		.identifier = args.app,
		.name = args.name,
		.serials = args.serials.items,
		.serial_count = args.serials.count,
		.udids = args.devices.items,
		.udid_count = args.devices.count,
	};
	return portalopt_open(&portal, args.portal, cli, err) &&
	       output_check(cli, &args.out, err) &&
	       authority_profile_create(out, portal, &request, err);
}

/* What the portal has given can be fetched again. */
static bool save(const struct cli *cli, const struct authority_profile *p,
                 struct error *err)
{
	if (output_write(cli, &args.out, p->content, 0644, err))
		return true;
	error_hint_instead(err, "sealring profile get '%s' --portal %s -o FILE",
	                   p->name, args.portal);
	return error_context(err, "saving the profile \"%s\"", p->name);
}

static bool report(struct cli *cli, const struct authority_profile *p,
                   struct error *err)
{
	char until[CLOCK_TEXT_BYTES];

	if (cli->json)
		return output_made_json(&args.out, "profile", profile_json(p), err);
	clock_format_date(until, p->expires_s);
	output_made(cli, &args.out, "profile  %s  \"%s\", %s, until %s", args.out.path,
	            p->name, profile_kind_name(p->kind), until);
	return true;
}

static void say_next(const struct cli *cli)
{
	if (!cli->json)
		output_say(cli,
		           "next:    sealring sign APP.ipa -o OUT.ipa --p12 FILE -m %s",
		           output_name(&args.out));
}

static bool run_create(struct cli *cli, struct error *err)
{
	AUTO(authority_profile_list_free) struct authority_profile_list made = { 0 };

	bool ok = create(&made, cli, err);
	opt_list_free(&args.serials);
	opt_list_free(&args.devices);
	if (!ok || !save(cli, &made.items[0], err))
		return error_context(err, "creating the %s profile for \"%s\"",
		                     args.type, args.app);
	if (!report(cli, &made.items[0], err))
		return false;
	say_next(cli);
	return true;
}

/* ---- get, renew ---- */

static const struct operand name_operands[] = {
	{ .name = "NAME", .text = &args.name, .help = "name of the profile" },
	{ 0 },
};

static const struct opt get_options[] = {
	PORTAL_OPTION(args.portal),
	OUTPUT_OPTION(args.out, "where the .mobileprovision goes"),
	FORCE_OPTION(args.out),
	{ 0 },
};

static bool run_get(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	AUTO(authority_profile_list_free) struct authority_profile_list found = { 0 };

	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !authority_profile_find(&found, portal, args.name, err) ||
	    !output_write(cli, &args.out, found.items[0].content, 0644, err))
		return error_context(err, "fetching the profile \"%s\"", args.name);
	const struct authority_profile *p = &found.items[0];
	if (!p->is_valid || p->expires_s <= clock_now(cli->clock))
		output_say(cli, "note:    it is %s: sealring profile renew '%s'",
		           p->is_valid ? "expired" : "invalid", p->name);
	return report(cli, p, err);
}

static bool run_renew(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	AUTO(authority_profile_list_free) struct authority_profile_list made = { 0 };

	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !output_check(cli, &args.out, err) ||
	    !authority_profile_renew(&made, portal, args.name, err) ||
	    !save(cli, &made.items[0], err))
		return error_context(err, "renewing the profile \"%s\"", args.name);
	if (!report(cli, &made.items[0], err))
		return false;
	say_next(cli);
	return true;
}

/* ---- list ---- */

static const struct opt list_options[] = { PORTAL_OPTION(args.portal), { 0 } };

static void add_row(struct term_table *table, const struct authority_profile *p,
                    int64_t now_s)
{
	char until[CLOCK_TEXT_BYTES];
	bool expired = p->expires_s <= now_s;
	const char *state = expired ? "expired" : p->is_valid ? "valid" : "invalid";

	clock_format_date(until, p->expires_s);
	term_table_row(table, TERM_PLAIN, 5,
	               (const char *const[]){ p->name, profile_kind_word(p->kind),
	                                      p->identifier, until, state });
	term_table_style(table, 4, p->is_valid && !expired ? TERM_OK : TERM_BAD);
}

static bool run_list(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	AUTO(authority_profile_list_free)
	struct authority_profile_list profiles = { 0 };
	AUTO(term_table_free) struct term_table table = { 0 };
	AUTO(drop_json) json_t *list = json_array();

	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !authority_profile_all(&profiles, portal, err))
		return false;
	for (size_t i = 0; i < profiles.count; i++)
		json_array_append_new(list, profile_json(&profiles.items[i]));
	if (cli->json)
		return output_json(json_pack("{s:O}", "profiles", list), err);
	if (profiles.count > 0)
		term_table_row(&table, TERM_HEAD, 5,
		               (const char *const[]){ "NAME", "TYPE", "APP", "UNTIL",
		                                      "STATE" });
	for (size_t i = 0; i < profiles.count; i++)
		add_row(&table, &profiles.items[i], clock_now(cli->clock));
	term_table_print(&table, stdout, 0);
	if (profiles.count == 0)
		output_say(cli,
		           "no profiles yet: sealring profile create adhoc -a "
		           "BUNDLE_ID --portal %s -o F",
		           args.portal);
	return true;
}

/* ---- delete ---- */

static bool run_delete(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;

	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !output_confirm(
		    cli,
		    "Delete this profile?  Apps that carry it keep working until "
		    "it expires.",
		    err) ||
	    !authority_profile_delete(portal, args.name, err))
		return error_context(err, "deleting the profile \"%s\"", args.name);
	if (cli->json)
		return output_json(json_pack("{s:o}", "deleted",
		                             jsonio_text(args.name)),
		                   err);
	output_line("deleted  %s", args.name);
	return true;
}

const struct command cmd_profile_create = {
	.name = "profile create",
	.summary = "make a provisioning profile",
	.examples = "  sealring profile create adhoc -a '*' --portal portal -o "
		    "Any.mobileprovision",
	.options = create_options,
	.operands = create_operands,
	.run = run_create,
};

const struct command cmd_profile_list = {
	.name = "profile list",
	.summary = "list the portal's provisioning profiles",
	.options = list_options,
	.operands = no_operands,
	.run = run_list,
};

const struct command cmd_profile_get = {
	.name = "profile get",
	.summary = "fetch a provisioning profile from the portal again",
	.options = get_options,
	.operands = name_operands,
	.run = run_get,
};

const struct command cmd_profile_renew = {
	.name = "profile renew",
	.summary = "make a provisioning profile anew, under its name",
	.description =
		"With every current certificate and every enabled device that fits: after a\n"
		"certificate was revoked or renewed, a device was added, a capability changed.",
	.examples = "  sealring profile renew 'com.acme.shop AdHoc' --portal portal -o "
		    "Shop.mobileprovision -f",
	.options = get_options,
	.operands = name_operands,
	.run = run_renew,
};

const struct command cmd_profile_delete = {
	.name = "profile delete",
	.summary = "delete a provisioning profile from the portal",
	.options = list_options,
	.operands = name_operands,
	.run = run_delete,
};
