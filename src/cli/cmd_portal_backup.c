/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portal backup, portal restore - an embedded portal at one moment
 */
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/portalopt.h"

static struct {
	const char *portal, *backup, *to;
} args;

static const struct opt backup_options[] = {
	PORTAL_OPTION(args.portal),
	{ .letter = 'o',
	  .name = "output",
	  .text = &args.to,
	  .value = "DIR",
	  .hint = OPT_DIR,
	  .is_required = true,
	  .help = "a folder that is not there yet" },
	{ 0 },
};

static bool run_backup(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;

	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !authority_backup(portal, args.to, err))
		return error_context(err, "backing the portal in \"%s\" up",
		                     args.portal);
	if (cli->json)
		return output_json(json_pack("{s:o}", "backup", jsonio_text(args.to)),
		                   err);
	output_line("backup   %s", args.to);
	output_say(cli, "note:    it holds the private keys of the authorities");
	return true;
}

static const struct operand restore_operands[] = {
	{ .name = "BACKUP",
	  .text = &args.backup,
	  .hint = OPT_DIR,
	  .help = "a folder that portal backup made" },
	{ 0 },
};

static const struct opt restore_options[] = {
	PORTAL_DATA_OPTION(args.to, "the portal's new folder, which is not there yet"),
	{ 0 },
};

static bool run_restore(struct cli *cli, struct error *err)
{
	if (!authority_restore(args.backup, args.to, cli->clock, err))
		return error_context(err, "restoring \"%s\"", args.backup);
	if (cli->json)
		return output_json(json_pack("{s:o}", "portal", jsonio_text(args.to)),
		                   err);
	output_line("portal   %s", args.to);
	output_say(cli, "next:    sealring portal serve --data %s", args.to);
	return true;
}

const struct command cmd_portal_backup = {
	.name = "portal backup",
	.summary = "copy an embedded portal as it is at this moment",
	.description =
		"The copy is whole, also while the portal serves: database, private keys,\n"
		"certificates, revocation list, in a new folder that only its owner may enter.\n"
		"It was opened and read through before it got its name.",
	.examples = "  sealring portal backup --portal portal -o backup-2026-11-25",
	.options = backup_options,
	.operands = no_operands,
	.run = run_backup,
};

const struct command cmd_portal_restore = {
	.name = "portal restore",
	.summary = "make a portal of a backup",
	.description =
		"The backup stays as it is, and no folder is replaced.  What was issued after\n"
		"the backup was made is not known to the new portal, and cannot be revoked by it.",
	.examples = "  sealring portal restore backup-2026-11-25 --data portal",
	.options = restore_options,
	.operands = restore_operands,
	.run = run_restore,
};
