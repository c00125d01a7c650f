/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portalserver.h - an embedded portal that answers on a socket: what portal serve and
 * portal exec have in common.
 *
 *     AUTO(portalserver_close) struct portalserver s = { 0 };
 *     if (!portalserver_open(&s, cli, &how, err))
 *             return false;
 */
#pragma once

#include "cli/command.h"
#include "crypto/secret.h"
#include "http/server.h"
#include "portal/portal.h"

struct portalserver_how {
	const char *data; /* the portal's folder */
	const char *host; /* an address */
	uint16_t port;    /* 0: any free one */
	int socket;       /* that listens already; -1: none */
	bool is_plain, is_strict;
	const char *public_url;   /* for links; NULL: as each request says */
	const char *const *names; /* more of them in the certificate */
	size_t name_count;
	unsigned threads;    /* 0: as the server thinks */
	unsigned hour_limit; /* of requests of a key; 0: none are refused */
};

struct portalserver {
	struct portal *portal;
	struct http_server *server;
	struct buf cert; /* PEM, as text; empty if it is plain */
	struct secret key;
};

/* Listen; a word on stderr if the portal has no API key.  Errors: as portal_open() and
 * http_server_start(). */
NODISCARD bool portalserver_open(struct portalserver *out, const struct cli *cli,
                                 const struct portalserver_how *how, struct error *err);
void portalserver_close(struct portalserver *s); /* for AUTO() */
