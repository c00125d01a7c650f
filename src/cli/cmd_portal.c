/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portal init, portal protect - make an embedded developer portal; who can use its keys
 */
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/password.h"
#include "cli/portalopt.h"

#define CA_PASSWORD_OPTION                                                          \
	{                                                                           \
		.name = "ca-password", .text = &args.ca_password, .value = "WHERE", \
		.help = "encrypt the private keys with the password that is "       \
			"there: @file:PATH, @fd:N, @env:NAME"                       \
	}

static struct {
	const char *data, *team, *name, *portal, *ca_password;
	bool plain;
} args;

static const struct opt options[] = {
	PORTAL_DATA_OPTION(args.data, "the data folder to make"),
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
	CA_PASSWORD_OPTION,
	{ 0 },
};

/* By the option, else as other commands find it; *has: there is one. */
static bool read_password(struct secret *out, bool *has, struct error *err)
{
	*has = true;
	return args.ca_password == NULL
	               ? portalopt_password(out, has, err)
	               : password_read(out, args.ca_password, "password", true, err);
}

static bool run(struct cli *cli, struct error *err)
{
	AUTO(secret_free) struct secret password = { 0 };
	struct authority_team team = { .id = args.team, .name = args.name };
	bool has = false;

	if (!read_password(&password, &has, err))
		return false;
	team.ca_password = has ? &password : NULL;
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
	output_line(
		"keys     %s/keys        private keys of its certificate authority%s",
		args.data, has ? ", encrypted" : "");
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
		"devices do not trust it; what checks with --roots DIR/roots.pem does.\n"
		"\n"
		"Its private keys are plain files for their owner alone, unless --ca-password or\n"
		"the variable SEALRING_CA_PASSWORD names a password: see portal protect.",
	.examples =
		"  sealring portal init --data portal --team T1M2E3A4M5 --name \"Acme GmbH\"",
	.options = options,
	.operands = no_operands,
	.run = run,
};

static const struct opt protect_options[] = {
	PORTAL_OPTION(args.portal),
	CA_PASSWORD_OPTION,
	{ .name = "plain",
	  .flag = &args.plain,
	  .help = "do not encrypt them: plain files, for their owner alone" },
	{ 0 },
};

static bool run_protect(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	AUTO(secret_free) struct secret password = { 0 };

	if (args.plain == (args.ca_password != NULL))
		return error_set(err, ERROR_USAGE,
		                 "name a new password (--ca-password) or --plain");
	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    (args.ca_password != NULL &&
	     !password_read(&password, args.ca_password, "new password", true, err)) ||
	    !authority_protect(portal, args.plain ? NULL : &password, err))
		return error_context(err, "protecting the keys of \"%s\"", args.portal);
	if (cli->json)
		return output_json(json_pack("{s:b}", "encrypted", !args.plain), err);
	output_line("keys     %s/keys  %s", args.portal,
	            args.plain ? "plain" : "encrypted");
	if (!args.plain)
		output_say(cli, "next:    SEALRING_CA_PASSWORD=@file:PATH for commands "
		                "that sign, and for portal serve");
	return true;
}

const struct command cmd_portal_protect = {
	.name = "portal protect",
	.summary = "encrypt the private keys of an embedded portal",
	.description =
		"Certificates, profiles and revocation lists need the keys: from then on the\n"
		"commands that make them, and portal serve, find the password by the variable\n"
		"SEALRING_CA_PASSWORD (@file:PATH, @fd:N, @env:NAME) or as systemd's credential\n"
		"ca-password.  What only looks needs none.  All keys change in one step; a portal\n"
		"that serves goes on with what it has in memory.",
	.examples =
		"  sealring portal protect --portal portal --ca-password @file:ca.pw\n"
		"  SEALRING_CA_PASSWORD=@file:ca.pw sealring portal serve --data portal",
	.options = protect_options,
	.operands = no_operands,
	.run = run_protect,
};
