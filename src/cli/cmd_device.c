/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device add, device list, device disable, device enable - devices of the portal
 */
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/portalopt.h"
#include "util/plural.h"
#include "util/term.h"

static struct {
	const char *udid, *name, *device_class, *portal;
} args;

static const char *const classes[] = { "IPHONE",      "IPAD",     "IPOD",
	                               "APPLE_WATCH", "APPLE_TV", "APPLE_VISION_PRO",
	                               "MAC",         NULL };

static const struct operand add_operands[] = {
	{ .name = "UDID", .text = &args.udid, .help = "identifier of the device" },
	{ .name = "NAME", .text = &args.name, .help = "what to call it" },
	{ 0 },
};

static const struct opt add_options[] = {
	PORTAL_OPTION(args.portal),
	{ .name = "class",
	  .text = &args.device_class,
	  .value = "CLASS",
	  .choices = classes,
	  .help = "default IPHONE, or MAC by the identifier" },
	{ 0 },
};

static bool run_add(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;

	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !authority_device_add(portal, args.udid, args.name, args.device_class, err))
		return error_context(err, "registering the device \"%s\"", args.name);
	if (cli->json)
		return output_json(json_pack("{s:s, s:o}", "udid", args.udid, "name",
		                             jsonio_text(args.name)),
		                   err);
	output_line("device   %s  %s", args.udid, args.name);
	output_say(cli, "note:    profiles made before do not have it yet");
	return true;
}

static const struct opt list_options[] = { PORTAL_OPTION(args.portal), { 0 } };

static json_t *device_json(const struct authority_device *d)
{
	return json_pack("{s:s, s:s, s:o, s:s, s:b}", "id", d->id, "udid", d->udid,
	                 "name", jsonio_text(d->name), "class", d->device_class,
	                 "enabled", d->enabled);
}

static bool run_list(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	AUTO(authority_device_list_free) struct authority_device_list devices = { 0 };
	AUTO(term_table_free) struct term_table table = { 0 };
	AUTO(drop_json) json_t *list = json_array();

	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !authority_device_all(&devices, portal, err))
		return false;
	for (size_t i = 0; i < devices.count; i++)
		json_array_append_new(list, device_json(&devices.items[i]));
	if (cli->json)
		return output_json(json_pack("{s:O}", "devices", list), err);
	if (devices.count > 0)
		term_table_row(&table, TERM_HEAD, 4,
		               (const char *const[]){ "UDID", "CLASS", "STATE",
		                                      "NAME" });
	for (size_t i = 0; i < devices.count; i++) {
		const struct authority_device *d = &devices.items[i];

		term_table_row(&table, d->enabled ? TERM_PLAIN : TERM_DIM, 4,
		               (const char *const[]){
				       d->udid, d->device_class,
				       d->enabled ? "enabled" : "disabled", d->name });
	}
	term_table_print(&table, stdout, 0);
	if (devices.count == 0)
		output_say(cli,
		           "no devices yet: sealring device add UDID NAME --portal %s",
		           args.portal);
	return true;
}

static const struct operand disable_operands[] = {
	{ .name = "UDID", .text = &args.udid, .help = "identifier of the device" },
	{ 0 },
};

static bool run_disable(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	size_t affected = 0;

	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !output_confirm(
		    cli,
		    "Disable this device?  Profiles with it become invalid; its "
		    "place stays taken until the year is over.",
		    err) ||
	    !authority_device_disable(portal, args.udid, &affected, err))
		return error_context(err, "disabling the device %s", args.udid);
	if (cli->json)
		return output_json(json_pack("{s:o, s:I}", "disabled",
		                             jsonio_text(args.udid), "profiles_invalid",
		                             (json_int_t)affected),
		                   err);
	output_line("disabled %s", args.udid);
	output_line("         %zu %s now invalid", affected,
	            plural(affected, "profile is", "profiles are"));
	return true;
}

static bool run_enable(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;

	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !authority_device_enable(portal, args.udid, err))
		return error_context(err, "enabling the device %s", args.udid);
	if (cli->json)
		return output_json(json_pack("{s:o}", "enabled",
		                             jsonio_text(args.udid)),
		                   err);
	output_line("enabled  %s", args.udid);
	output_say(cli, "note:    profiles made before stay as they are");
	return true;
}

const struct command cmd_device_add = {
	.name = "device add",
	.summary = "register a device",
	.examples = "  sealring device add 00008110-000A1C2E3F4A001E \"Anna's iPhone\" "
		    "--portal portal",
	.options = add_options,
	.operands = add_operands,
	.run = run_add,
};

const struct command cmd_device_list = {
	.name = "device list",
	.summary = "list the portal's devices",
	.options = list_options,
	.operands = no_operands,
	.run = run_list,
};

const struct command cmd_device_disable = {
	.name = "device disable",
	.summary = "disable a device",
	.options = list_options,
	.operands = disable_operands,
	.run = run_disable,
};

const struct command cmd_device_enable = {
	.name = "device enable",
	.summary = "enable a disabled device again",
	.options = list_options,
	.operands = disable_operands,
	.run = run_enable,
};
