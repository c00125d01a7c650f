/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/portalserver.h"

#include "cli/output.h"
#include "cli/portalopt.h"

static bool check_keys(const struct cli *cli, struct authority *a, const char *data,
                       struct error *err)
{
	AUTO(authority_key_list_free) struct authority_key_list keys = { 0 };

	if (!authority_key_all(&keys, a, err))
		return false;
	if (keys.count == 0)
		output_say(cli,
		           "note:    there is no API key yet: sealring portal key new "
		           "--portal %s --name NAME --role ADMIN -o AuthKey.p8",
		           data);
	return true;
}

/* The certificate and its key end in a NUL: the server takes texts. */
static bool prepare(struct portalserver *s, struct secret *password, bool *has,
                    const struct cli *cli, const struct portalserver_how *how,
                    struct error *err)
{
	AUTO(drop_authority) struct authority *a = NULL;

	s->cert = BUF_INIT(CERT_MAX_BYTES * 2);
	return portalopt_unlock(&a, password, has, how->data, cli, err) &&
	       check_keys(cli, a, how->data, err) &&
	       (how->is_plain || (authority_tls(&s->cert, &s->key, a, how->names,
	                                        how->name_count, err) &&
	                          buf_append(&s->cert, slice_of("", 1), err) &&
	                          secret_append(&s->key, slice_of("", 1), err)));
}

bool portalserver_open(struct portalserver *out, const struct cli *cli,
                       const struct portalserver_how *how, struct error *err)
{
	AUTO(secret_free) struct secret password = { 0 };
	bool has = false;
	struct portal_options portal = { .dir = how->data,
		                         .clock = cli->clock,
		                         .public_url = how->public_url,
		                         .hour_limit = how->hour_limit,
		                         .is_strict = how->is_strict };
	struct http_server_options server = { .host = how->host,
		                              .port = how->port,
		                              .socket = how->socket,
		                              .threads = how->threads };

	if (!prepare(out, &password, &has, cli, how, err))
		return false;
	portal.ca_password = has ? &password : NULL;
	if (!portal_open(&out->portal, &portal, err))
		return false;
	if (!how->is_plain) {
		server.cert_pem = (const char *)out->cert.p;
		server.key_pem = (const char *)secret_reveal(&out->key).p;
	}
	return http_server_start(&out->server, &server, portal_answer, out->portal,
	                         err);
}

void portalserver_close(struct portalserver *s)
{
	http_server_stop(&s->server);
	drop_portal(&s->portal);
	buf_free(&s->cert);
	secret_free(&s->key);
}
