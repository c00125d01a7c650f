/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portal key new, portal key list, portal key revoke - keys of the portal's API
 */
#include "cli/commands.h"
#include "cli/identityopt.h"
#include "cli/output.h"
#include "cli/portalopt.h"
#include "util/mem.h"

static struct {
	const char *portal, *name, *role, *id;
	bool individual;
	struct output out;
} args;

static const char *const roles[] = { "ADMIN",     "APP_MANAGER",      "DEVELOPER",
	                             "READ_ONLY", "DEVICE_REGISTRAR", NULL };

/* ---- portal key new ---- */

static const struct opt new_options[] = {
	PORTAL_OPTION(args.portal),
	{ .name = "name",
	  .text = &args.name,
	  .value = "NAME",
	  .is_required = true,
	  .help = "what it is for: \"CI\"" },
	{ .name = "role",
	  .text = &args.role,
	  .value = "ROLE",
	  .choices = roles,
	  .help = "what it may do; default DEVELOPER" },
	{ .name = "individual",
	  .flag = &args.individual,
	  .help = "a person's own key: it may not provision" },
	OUTPUT_OPTION(args.out, "where its private half goes (mode 0600)"),
	FORCE_OPTION(args.out),
	{ 0 },
};

static json_t *key_json(const struct authority_key *k)
{
	return json_pack("{s:s, s:o, s:s, s:b, s:b}", "id", k->id, "name",
	                 jsonio_text(k->name), "role", authority_role_name(k->role),
	                 "individual", k->is_individual, "revoked", k->revoked_s != 0);
}

static bool run_new(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	AUTO(authority_key_list_free) struct authority_key_list made = { 0 };
	AUTO(key_free) struct key key = { 0 };
	AUTO(drop_str) char *name = mem_copy(args.name);
	struct authority_key wanted = { .name = name,
		                        .role = AUTHORITY_DEVELOPER,
		                        .is_individual = args.individual };

	/* The option table allows roles only. */
	if (args.role != NULL)
		authority_role_find(&wanted.role, args.role);
	/* The private half is safe before the portal knows the other. */
	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !key_new(&key, KEY_P256, err) ||
	    !identityopt_write_key(cli, &args.out, &key, NULL, err) ||
	    !authority_key_add(&made, portal, &wanted, &key, err))
		return error_context(err, "making the API key \"%s\"", args.name);
	const struct authority_key *k = &made.items[0];
	if (cli->json)
		return output_made_json(&args.out, "key",
		                        json_pack("{s:s, s:s, s:s}", "id", k->id,
		                                  "issuer", authority_issuer(portal),
		                                  "role", authority_role_name(k->role)),
		                        err);
	output_made(cli, &args.out, "key      %s  %s  %s", args.out.path, k->id,
	            authority_role_name(k->role));
	output_made(cli, &args.out, "issuer   %s",
	            k->is_individual ? "none: its tokens say sub \"user\""
	                             : authority_issuer(portal));
	output_say(cli,
	           "note:    the portal keeps the public half only; %s is the one copy",
	           output_name(&args.out));
	output_say(cli, "next:    sealring portal serve --data %s", args.portal);
	return true;
}

const struct command cmd_portal_key_new = {
	.name = "portal key new",
	.summary = "make a key for the portal's API",
	.description =
		"As App Store Connect's API keys: clients sign tokens with the .p8 file and\n"
		"name the key by its id and the issuer.  The portal keeps the public half.",
	.examples =
		"  sealring portal key new --portal portal --name CI --role ADMIN -o AuthKey.p8",
	.options = new_options,
	.operands = no_operands,
	.run = run_new,
};

/* ---- portal key list ---- */

static const struct opt list_options[] = { PORTAL_OPTION(args.portal), { 0 } };

static void print_list(const struct authority_key_list *list)
{
	AUTO(term_table_free) struct term_table t = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		const struct authority_key *k = &list->items[i];
		const char *const cells[] = { k->id, authority_role_name(k->role),
			                      k->revoked_s != 0  ? "revoked"
			                      : k->is_individual ? "individual"
			                                         : "team",
			                      k->name };

		term_table_row(&t, TERM_PLAIN, ARRAY_LEN(cells), cells);
	}
	term_table_print(&t, stdout, 0);
}

static bool run_list(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	AUTO(authority_key_list_free) struct authority_key_list list = { 0 };

	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !authority_key_all(&list, portal, err))
		return false;
	if (cli->json) {
		json_t *keys = json_array();

		for (size_t i = 0; i < list.count; i++)
			json_array_append_new(keys, key_json(&list.items[i]));
		return output_json(json_pack("{s:s, s:o}", "issuer",
		                             authority_issuer(portal), "keys", keys),
		                   err);
	}
	print_list(&list);
	output_say(cli, "issuer   %s", authority_issuer(portal));
	if (list.count == 0)
		output_say(
			cli,
			"next:    sealring portal key new --portal %s --name NAME -o "
			"FILE",
			args.portal);
	return true;
}

const struct command cmd_portal_key_list = {
	.name = "portal key list",
	.summary = "list the keys of the portal's API",
	.options = list_options,
	.operands = no_operands,
	.run = run_list,
};

/* ---- portal key revoke ---- */

static const struct operand revoke_operands[] = {
	{ .name = "ID", .text = &args.id, .help = "the key's id, ten of A-Z and 0-9" },
	{ 0 },
};

static bool run_revoke(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	AUTO(authority_key_list_free) struct authority_key_list found = { 0 };

	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !authority_key_find(&found, portal, args.id, err))
		return false;
	AUTO(drop_str)
	char *question = mem_format("Revoke the key %s (%s)?  This cannot be undone.",
	                            args.id, found.items[0].name);
	if (!output_confirm(cli, question, err) ||
	    !authority_key_revoke(portal, args.id, err))
		return error_context(err, "revoking the key %s", args.id);
	if (cli->json)
		return output_json(json_pack("{s:s}", "revoked", args.id), err);
	output_line("revoked  %s", args.id);
	return true;
}

const struct command cmd_portal_key_revoke = {
	.name = "portal key revoke",
	.summary = "revoke a key of the portal's API",
	.options = list_options,
	.operands = revoke_operands,
	.run = run_revoke,
};
