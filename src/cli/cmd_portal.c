/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portal init - make an embedded developer portal
 */
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/portalopt.h"

static struct {
	const char *data, *team, *name;
} args;

static const struct opt options[] = {
	{ .name = "data",
	  .text = &args.data,
	  .value = "DIR",
	  .hint = OPT_DIR,
	  .is_required = true,
	  .help = "the data folder to make" },
	{ .name = "team",
	  .text = &args.team,
	  .value = "ID",
	  .is_required = true,
	  .help = "team id: ten of A-Z and 0-9" },
	{ .name = "name",
	  .text = &args.name,
	  .value = "NAME",
	  .is_required = true,
	  .help = "name of the team" },
	{ 0 },
};

static bool run(struct cli *cli, struct error *err)
{
	const struct authority_team team = { .id = args.team, .name = args.name };

	if (!authority_init(args.data, &team, cli->clock, err))
		return error_context(err, "making the portal in \"%s\"", args.data);
	if (cli->json)
		return output_json(json_pack("{s:o, s:s, s:o, s:o}", "data",
		                             jsonio_text(args.data), "team", args.team,
		                             "roots",
		                             json_sprintf("%s/roots.pem", args.data),
		                             "crl",
		                             json_sprintf("%s/crl.pem", args.data)),
		                   err);
	output_line("portal   %s  team %s (%s)", args.data, args.team, args.name);
	output_line("roots    %s/roots.pem   trust this: --roots %s/roots.pem",
	            args.data, args.data);
	output_line("revoked  %s/crl.pem     none yet: verify --crl %s/crl.pem",
	            args.data, args.data);
	output_line("keys     %s/keys        private keys of its certificate authority",
	            args.data);
	output_line("data     %s/portal.db", args.data);
	output_say(cli, "next:    sealring key new -o dist.key");
	return true;
}

const struct command cmd_portal_init = {
	.name = "portal init",
	.summary = "make an embedded developer portal",
	.description =
		"Makes a data folder with a certificate authority of its own: it issues\n"
		"certificates and provisioning profiles by Apple's rules, offline.  Apple's\n"
		"devices do not trust it; what checks with --roots DIR/roots.pem does.",
	.examples =
		"  sealring portal init --data portal --team T1M2E3A4M5 --name \"Acme GmbH\"",
	.options = options,
	.operands = no_operands,
	.run = run,
};
