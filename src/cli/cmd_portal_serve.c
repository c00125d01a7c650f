/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portal serve - be an App Store Connect
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/portalopt.h"
#include "cli/portalserver.h"
#include "cli/service.h"

static struct {
	const char *data, *listen, *threads, *public_url, *hour_limit;
	struct opt_list names;
	bool plain, strict;
} args;

static const struct opt options[] = {
	PORTAL_DATA_OPTION(args.data, "data folder of the portal"),
	{ .name = "listen",
	  .text = &args.listen,
	  .value = "ADDRESS:PORT",
	  .help = "default 127.0.0.1:8443; port 0: any free one" },
	{ .name = "plain",
	  .flag = &args.plain,
	  .help = "HTTP without TLS; on the loopback only" },
	{ .name = "public",
	  .text = &args.public_url,
	  .value = "URL",
	  .help = "what clients call it, behind a proxy: https://portal.example.com" },
	{ .name = "host",
	  .list = &args.names,
	  .value = "NAME",
	  .help = "another name in the certificate; may be repeated" },
	{ .name = "strict",
	  .flag = &args.strict,
	  .help = "refuse unknown members of requests, as Apple does" },
	{ .name = "hour-limit",
	  .text = &args.hour_limit,
	  .value = "N",
	  .help = "refuse what a key asks beyond N requests an hour; Apple's number is "
	          "3600; default: none are refused" },
	{ .name = "threads",
	  .text = &args.threads,
	  .value = "N",
	  .help = "how many answer requests; default: four for each processor" },
	{ 0 },
};

#define DEFAULT_LISTEN "127.0.0.1:8443"

/* "127.0.0.1:8443", "[::1]:8443" */
static bool read_listen(char host[64], uint16_t *port, struct error *err)
{
	const char *text = args.listen != NULL ? args.listen : DEFAULT_LISTEN;
	const char *colon = strrchr(text, ':');
	size_t n = colon != NULL ? (size_t)(colon - text) : 0;
	unsigned number = 0;

	if (n == 0 || n >= 63) {
		error_set(err, ERROR_USAGE, "--listen is ADDRESS:PORT, not \"%s\"",
		          text);
		return error_hint(err, "Like this: --listen " DEFAULT_LISTEN);
	}
	if (!opt_number(&number, "listen", colon + 1, 0, 65535, err))
		return false;
	if (text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	memcpy(host, text, n);
	host[n] = '\0';
	*port = (uint16_t)number;
	return true;
}

static bool is_loopback(const char *host)
{
	return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

static bool check_plain(const char *host, struct error *err)
{
	if (!args.plain || is_loopback(host))
		return true;
	error_set(err, ERROR_USAGE, "--plain is for the loopback only, not for %s",
	          host);
	error_cause(err, "Tokens would go over the network in clear.");
	return error_hint(err,
	                  "Leave --plain out, or listen on 127.0.0.1 and put a proxy "
	                  "with TLS in front.");
}

static void tell(const char *host, const struct http_server *server)
{
	bool is_v6 = strchr(host, ':') != NULL;

	output_line("portal   %s://%s%s%s:%u", args.plain ? "http" : "https",
	            is_v6 ? "[" : "", host, is_v6 ? "]" : "",
	            (unsigned)http_server_port(server));
	if (!args.plain)
		output_line("trust    %s/tls-ca.pem", args.data);
	fflush(stdout);
}

static bool serve(struct cli *cli, struct error *err)
{
	AUTO(portalserver_close) struct portalserver s = { 0 };
	char host[64];
	struct portalserver_how how = { .data = args.data,
		                        .host = host,
		                        .socket = service_socket(),
		                        .is_plain = args.plain,
		                        .is_strict = args.strict,
		                        .public_url = args.public_url,
		                        .names = args.names.items,
		                        .name_count = args.names.count };

	if (!service_begin(err) || !read_listen(host, &how.port, err) ||
	    !check_plain(host, err) ||
	    !opt_number(&how.threads, "threads", args.threads, 1, 64, err) ||
	    !opt_number(&how.hour_limit, "hour-limit", args.hour_limit, 1, 1000000,
	                err) ||
	    !portalserver_open(&s, cli, &how, err))
		return false;
	tell(host, s.server);
	service_notify("READY=1");
	service_wait();
	service_notify("STOPPING=1");
	output_say(cli, "stopped");
	return true;
}

static bool run(struct cli *cli, struct error *err)
{
	bool ok = serve(cli, err);

	opt_list_free(&args.names);
	return ok || error_context(err, "serving the portal in \"%s\"", args.data);
}

const struct command cmd_portal_serve = {
	.name = "portal serve",
	.summary = "serve App Store Connect's API from an embedded portal",
	.description =
		"Clients of App Store Connect work with it unmodified, once they are pointed to\n"
		"it and trust DIR/tls-ca.pem (NODE_EXTRA_CA_CERTS, SSL_CERT_FILE).  Stops on\n"
		"SIGTERM when the requests under way are answered.  Takes a socket from systemd\n"
		"and tells it when it is ready.",
	.examples =
		"  sealring portal serve --data portal\n"
		"  sealring portal serve --data portal --plain --listen 127.0.0.1:8080",
	.options = options,
	.operands = no_operands,
	.run = run,
};
