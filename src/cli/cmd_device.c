/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device add, device list, device disable, device enable - devices of the portal
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/portalopt.h"
#include "picture/gauge.h"
#include "util/mem.h"
#include "util/plural.h"
#include "util/term.h"

static struct {
	const char *udid, *name, *device_class, *portal;
	struct output svg;
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

static const struct opt list_options[] = {
	PORTAL_OPTION(args.portal),
	{ .name = "svg",
	  .text = &args.svg.path,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "draw how many places of the membership year are taken" },
	FORCE_OPTION(args.svg),
	{ 0 },
};

/* The places of the classes that have a device, or had one this year. */
struct places {
	struct authority_places items[AUTHORITY_PLACES_MAX];
	size_t count;
	int64_t year_ends_s;
};

static bool read_places(struct places *out, struct authority *portal, struct error *err)
{
	struct authority_places all[AUTHORITY_PLACES_MAX];
	size_t count = 0;

	if (!authority_device_places(all, &count, &out->year_ends_s, portal, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (all[i].enabled + all[i].disabled > 0)
			out->items[out->count++] = all[i];
	return true;
}

static void print_places(const struct places *p)
{
	char until[CLOCK_TEXT_BYTES];

	clock_format_date(until, p->year_ends_s);
	for (size_t i = 0; i < p->count; i++) {
		const struct authority_places *row = &p->items[i];
		AUTO(drop_str)
		char *disabled =
			mem_format(", %lld of them by disabled devices until %s",
		                   (long long)row->disabled, until);

		output_line("places   %s  %lld of %lld taken%s", row->device_class,
		            (long long)row->enabled + (long long)row->disabled,
		            (long long)row->places, row->disabled > 0 ? disabled : "");
	}
}

static json_t *places_json(const struct places *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->count; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:I, s:I, s:I}", "class",
		                        p->items[i].device_class, "enabled",
		                        (json_int_t)p->items[i].enabled, "disabled",
		                        (json_int_t)p->items[i].disabled, "places",
		                        (json_int_t)p->items[i].places));
	return list;
}

static bool draw_places(const struct cli *cli, const struct places *p,
                        struct error *err)
{
	AUTO(picture_free) struct picture drawn = { 0 };
	struct gauge_row rows[AUTHORITY_PLACES_MAX];
	char until[CLOCK_TEXT_BYTES];

	if (args.svg.path == NULL)
		return true;
	clock_format_date(until, p->year_ends_s);
	for (size_t i = 0; i < p->count; i++)
		rows[i] =
			(struct gauge_row){ .name = p->items[i].device_class,
			                    .used = (unsigned)p->items[i].enabled,
			                    .disabled = (unsigned)p->items[i].disabled,
			                    .places = (unsigned)p->items[i].places };
	const struct gauge gauge = { .rows = rows, .count = p->count, .resets = until };
	if (!picture_gauge(&drawn, &gauge, err) ||
	    !output_write(cli, &args.svg, buf_slice(&drawn.svg), 0644, err))
		return false;
	if (strcmp(args.svg.path, "-") != 0)
		output_say(cli, "drawing  %s", args.svg.path);
	return true;
}

static json_t *device_json(const struct authority_device *d)
{
	return json_pack("{s:s, s:s, s:o, s:s, s:b}", "id", d->id, "udid", d->udid,
	                 "name", jsonio_text(d->name), "class", d->device_class,
	                 "enabled", d->enabled);
}

static void print_devices(const struct authority_device_list *devices)
{
	AUTO(term_table_free) struct term_table table = { 0 };

	if (devices->count > 0)
		term_table_row(&table, TERM_HEAD, 4,
		               (const char *const[]){ "UDID", "CLASS", "STATE",
		                                      "NAME" });
	for (size_t i = 0; i < devices->count; i++) {
		const struct authority_device *d = &devices->items[i];

		term_table_row(&table, d->enabled ? TERM_PLAIN : TERM_DIM, 4,
		               (const char *const[]){
				       d->udid, d->device_class,
				       d->enabled ? "enabled" : "disabled", d->name });
	}
	term_table_print(&table, stdout, 0);
}

static bool list_as_json(const struct authority_device_list *devices,
                         const struct places *places, struct error *err)
{
	json_t *list = json_array();

	for (size_t i = 0; i < devices->count; i++)
		json_array_append_new(list, device_json(&devices->items[i]));
	return output_json(json_pack("{s:o, s:o}", "devices", list, "places",
	                             places_json(places)),
	                   err);
}

static bool run_list(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	AUTO(authority_device_list_free) struct authority_device_list devices = { 0 };
	struct places places = { 0 };

	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !authority_device_all(&devices, portal, err) ||
	    !read_places(&places, portal, err) || !draw_places(cli, &places, err))
		return false;
	if (args.svg.path != NULL && strcmp(args.svg.path, "-") == 0)
		return true;
	if (cli->json)
		return list_as_json(&devices, &places, err);
	print_devices(&devices);
	print_places(&places);
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
