/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portal fault - let the next requests fail
 */
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/portalopt.h"
#include "util/plural.h"

static struct {
	const char *portal, *status, *count;
} args;

static const char *const statuses[] = { "401", "429", "500", NULL };

static const struct operand operands[] = {
	{ .name = "STATUS",
	  .text = &args.status,
	  .choices = statuses,
	  .help = "what they are answered" },
	{ .name = "COUNT", .text = &args.count, .help = "how many; 0: no more" },
	{ 0 },
};

static const struct opt options[] = { PORTAL_OPTION(args.portal), { 0 } };

static bool run(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	unsigned count = 0;

	if (!opt_number(&count, "COUNT", args.count, 0, AUTHORITY_FAULTS_MAX, err) ||
	    !portalopt_open(&portal, args.portal, cli, err) ||
	    !authority_fault_set(portal, (unsigned)strtoul(args.status, NULL, 10),
	                         count, err))
		return false;
	if (cli->json)
		return output_json(json_pack("{s:s, s:I}", "status", args.status,
		                             "count", (json_int_t)count),
		                   err);
	if (count == 0)
		output_line("fault    none");
	else
		output_line("fault    %s for the next %s%s", args.status,
		            count == 1 ? "" : args.count,
		            plural(count, "request", " requests"));
	return true;
}

const struct command cmd_portal_fault = {
	.name = "portal fault",
	.summary = "let the next requests of an embedded portal fail",
	.description =
		"For tests of clients: do they wait, make a new token, try again, ask twice for\n"
		"a certificate?  The next COUNT requests are answered with this status, with\n"
		"Apple's words, and change nothing; then all is as before.",
	.examples = "  sealring portal fault 429 3 --portal portal\n"
		    "  sealring portal fault 500 0 --portal portal",
	.options = options,
	.operands = operands,
	.run = run,
};
