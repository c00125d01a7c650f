/* SPDX-License-Identifier: Apache-2.0 */
/*
 * making_impl.h - a profile in the making, for authority/ only.
 */
#pragma once

#include "authority/authority_impl.h"

struct making {
	struct authority *a;
	const struct authority_profile_request *request;
	const struct profile_rule *rule;
	struct authority_app_list apps;
	const struct authority_app *app;
	struct authority_cert_list all_certs;
	struct cert_list certs; /* parsed, chosen */
	const struct cert **cert_refs;
	const char **cert_ids;
	struct authority_device_list all_devices;
	const char **udids, **device_ids; /* chosen */
	size_t device_count;
	struct pl *entitlements;
	char *name;
	char id[16], uuid[40];
	int64_t now_s, expires_s;
	struct buf content;
};

/*
 * Choose what the request asks for by the rules, and build the profile: everything
 * is filled in then but the id.  Inside a transaction.
 */
NODISCARD bool making_build(struct making *m, struct error *err);
/* Tell who asks what the refusal is about. */
void making_misfit(const struct making *m, enum authority_misfit misfit);
void making_free(struct making *m); /* for AUTO() */
