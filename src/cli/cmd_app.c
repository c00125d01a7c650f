/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app add, app list, app capabilities, app delete - App IDs of the portal
 */
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/portalopt.h"
#include "util/plural.h"
#include "util/term.h"

static struct {
	const char *id, *name, *portal;
	struct opt_list enable, disable;
} args;

static const struct operand id_operands[] = {
	{ .name = "BUNDLE_ID",
	  .text = &args.id,
	  .help = "com.acme.shop, com.acme.* or '*'" },
	{ 0 },
};

static const struct opt add_options[] = {
	PORTAL_OPTION(args.portal),
	{ .name = "name",
	  .text = &args.name,
	  .value = "NAME",
	  .help = "what to call it; default: made from the id" },
	{ 0 },
};

static bool run_add(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;

	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !authority_app_add(portal, args.id, args.name, err))
		return error_context(err, "registering the App ID \"%s\"", args.id);
	if (cli->json)
		return output_json(json_pack("{s:o}", "identifier",
		                             jsonio_text(args.id)),
		                   err);
	output_line("app id   %s.%s", authority_team_id(portal), args.id);
	output_say(cli,
	           "next:    sealring profile create adhoc -a '%s' --portal %s -o "
	           "App.mobileprovision",
	           args.id, args.portal);
	return true;
}

static const struct opt list_options[] = { PORTAL_OPTION(args.portal), { 0 } };

static json_t *app_json(const struct authority_app *app)
{
	AUTO(drop_json) json_t *capabilities = json_array();

	for (size_t i = 0; app->capabilities != NULL && i < app->capabilities->count;
	     i++)
		json_array_append_new(capabilities,
		                      jsonio_text(app->capabilities->keys[i]));
	return json_pack("{s:s, s:o, s:o, s:s, s:O}", "id", app->id, "identifier",
	                 jsonio_text(app->identifier), "name", jsonio_text(app->name),
	                 "prefix", app->prefix, "capabilities", capabilities);
}

static bool run_list(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	AUTO(authority_app_list_free) struct authority_app_list apps = { 0 };
	AUTO(term_table_free) struct term_table table = { 0 };
	AUTO(drop_json) json_t *list = json_array();

	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !authority_app_all(&apps, portal, err))
		return false;
	for (size_t i = 0; i < apps.count; i++)
		json_array_append_new(list, app_json(&apps.items[i]));
	if (cli->json)
		return output_json(json_pack("{s:O}", "apps", list), err);
	if (apps.count > 0)
		term_table_row(&table, TERM_HEAD, 3,
		               (const char *const[]){ "PREFIX", "IDENTIFIER", "NAME" });
	for (size_t i = 0; i < apps.count; i++)
		term_table_row(&table, TERM_PLAIN, 3,
		               (const char *const[]){ apps.items[i].prefix,
		                                      apps.items[i].identifier,
		                                      apps.items[i].name });
	term_table_print(&table, stdout, 0);
	if (apps.count == 0)
		output_say(cli,
		           "no App IDs yet: sealring app add BUNDLE_ID --portal %s",
		           args.portal);
	return true;
}

static const struct opt capability_options[] = {
	PORTAL_OPTION(args.portal),
	{ .name = "enable",
	  .list = &args.enable,
	  .value = "NAME",
	  .help = "turn on, such as PUSH_NOTIFICATIONS or aps-environment; may "
	          "be repeated" },
	{ .name = "disable",
	  .list = &args.disable,
	  .value = "NAME",
	  .help = "turn off; may be repeated" },
	{ 0 },
};

static bool switch_all(struct authority *portal, const struct opt_list *names, bool on,
                       struct error *err)
{
	for (size_t i = 0; i < names->count; i++)
		if (!authority_app_capability(portal, args.id, names->items[i], on,
		                              err))
			return false;
	return true;
}

static bool run_capabilities(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;

	bool ok = portalopt_open(&portal, args.portal, cli, err) &&
	          switch_all(portal, &args.enable, true, err) &&
	          switch_all(portal, &args.disable, false, err);
	size_t changed = args.enable.count + args.disable.count;
	opt_list_free(&args.enable);
	opt_list_free(&args.disable);
	if (!ok)
		return error_context(err, "changing the App ID \"%s\"", args.id);
	if (changed == 0)
		return error_set(err, ERROR_USAGE,
		                 "nothing to change: give --enable or --disable");
	if (cli->json)
		return output_json(json_pack("{s:o, s:I}", "identifier",
		                             jsonio_text(args.id), "changed",
		                             (json_int_t)changed),
		                   err);
	output_line("changed  %s: profiles made before are invalid now", args.id);
	return true;
}

static bool run_delete(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	size_t profiles = 0;

	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !output_confirm(cli,
	                    "Delete this App ID?  Its profiles are deleted with it.",
	                    err) ||
	    !authority_app_delete(portal, args.id, &profiles, err))
		return error_context(err, "deleting the App ID \"%s\"", args.id);
	if (cli->json)
		return output_json(json_pack("{s:o, s:I}", "deleted",
		                             jsonio_text(args.id), "profiles_deleted",
		                             (json_int_t)profiles),
		                   err);
	output_line("deleted  %s, and %zu %s", args.id, profiles,
	            plural(profiles, "profile", "profiles"));
	return true;
}

const struct command cmd_app_add = {
	.name = "app add",
	.summary = "register an App ID",
	.examples = "  sealring app add com.acme.shop --portal portal\n"
		    "  sealring app add '*' --portal portal",
	.options = add_options,
	.operands = id_operands,
	.run = run_add,
};

const struct command cmd_app_list = {
	.name = "app list",
	.summary = "list the portal's App IDs",
	.options = list_options,
	.operands = no_operands,
	.run = run_list,
};

const struct command cmd_app_capabilities = {
	.name = "app capabilities",
	.summary = "turn capabilities of an App ID on or off",
	.examples =
		"  sealring app capabilities com.acme.shop --enable PUSH_NOTIFICATIONS "
		"--portal portal",
	.options = capability_options,
	.operands = id_operands,
	.run = run_capabilities,
};

const struct command cmd_app_delete = {
	.name = "app delete",
	.summary = "delete an App ID and its profiles from the portal",
	.options = list_options,
	.operands = id_operands,
	.run = run_delete,
};
