/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portal serve - be an App Store Connect
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/portalopt.h"
#include "cli/service.h"
#include "http/server.h"
#include "portal/portal.h"

static struct {
	const char *data, *listen, *threads;
	struct opt_list names;
	bool plain, strict;
} args;

static const struct opt options[] = {
	{ .name = "data",
	  .text = &args.data,
	  .value = "DIR",
	  .hint = OPT_DIR,
	  .is_required = true,
	  .help = "data folder of the portal" },
	{ .name = "listen",
	  .text = &args.listen,
	  .value = "ADDRESS:PORT",
	  .help = "default 127.0.0.1:8443; port 0: any free one" },
	{ .name = "plain",
	  .flag = &args.plain,
	  .help = "HTTP without TLS; on the loopback only" },
	{ .name = "host",
	  .list = &args.names,
	  .value = "NAME",
	  .help = "another name in the certificate; may be repeated" },
	{ .name = "strict",
	  .flag = &args.strict,
	  .help = "refuse unknown members of requests, as Apple does" },
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

static bool check_team_keys(const struct cli *cli, struct authority *a,
                            struct error *err)
{
	AUTO(authority_key_list_free) struct authority_key_list keys = { 0 };

	if (!authority_key_all(&keys, a, err))
		return false;
	if (keys.count == 0)
		output_say(cli,
		           "note:    there is no API key yet: sealring portal key new "
		           "--portal %s --name NAME --role ADMIN -o AuthKey.p8",
		           args.data);
	return true;
}

/* The server's certificate and key as text; empty with --plain. */
struct tls {
	struct buf cert;
	struct secret key;
};

static void free_tls(struct tls *tls)
{
	buf_free(&tls->cert);
	secret_free(&tls->key);
}

static bool prepare(const struct cli *cli, struct tls *tls, struct error *err)
{
	AUTO(drop_authority) struct authority *a = NULL;

	tls->cert = BUF_INIT(CERT_MAX_BYTES * 2);
	return portalopt_open(&a, args.data, cli, err) &&
	       check_team_keys(cli, a, err) &&
	       (args.plain || (authority_tls(&tls->cert, &tls->key, a, args.names.items,
	                                     args.names.count, err) &&
	                       buf_append(&tls->cert, slice_of("", 1), err) &&
	                       secret_append(&tls->key, slice_of("", 1), err)));
}

static bool start(struct http_server **out, struct portal *portal,
                  const struct tls *tls, struct error *err)
{
	struct http_server_options how = { .socket = service_socket() };
	char host[64];

	if (!read_listen(host, &how.port, err) || !check_plain(host, err) ||
	    !opt_number(&how.threads, "threads", args.threads, 1, 64, err))
		return false;
	how.host = host;
	if (!args.plain) {
		how.cert_pem = (const char *)tls->cert.p;
		how.key_pem = (const char *)secret_reveal(&tls->key).p;
	}
	if (!http_server_start(out, &how, portal_answer, portal, err))
		return false;
	output_line("portal   %s://%s%s%s:%u", args.plain ? "http" : "https",
	            strchr(host, ':') != NULL ? "[" : "", host,
	            strchr(host, ':') != NULL ? "]" : "",
	            (unsigned)http_server_port(*out));
	if (!args.plain)
		output_line("trust    %s/tls-ca.pem", args.data);
	fflush(stdout);
	return true;
}

static bool serve(struct cli *cli, struct error *err)
{
	AUTO(drop_portal) struct portal *portal = NULL;
	AUTO(http_server_stop) struct http_server *server = NULL;
	AUTO(free_tls) struct tls tls = { 0 };
	const struct portal_options how = { .dir = args.data,
		                            .clock = cli->clock,
		                            .is_strict = args.strict };

	if (!service_begin(err) || !prepare(cli, &tls, err) ||
	    !portal_open(&portal, &how, err) || !start(&server, portal, &tls, err))
		return false;
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
