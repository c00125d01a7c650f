/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/build.h"

#include "crypto/der.h"
#include "crypto/plistder.h"
#include "util/clock.h"

#define DER_MAX CMS_MAX_BYTES

/* Spec codesign.md 7.4. */
static bool is_for_all_devices(const struct profile_new *how)
{
	return how->kind == PROFILE_ENTERPRISE || how->kind == PROFILE_DEVELOPER_ID;
}

/* The list tells these kinds from the App Store's, so it is there when empty too. */
static bool has_device_list(const struct profile_new *how)
{
	return how->kind == PROFILE_DEVELOPMENT || how->kind == PROFILE_ADHOC;
}

/* As Apple's have it; not seen of other kinds. */
static const char *distribution_type(enum profile_kind kind)
{
	switch (kind) {
	case PROFILE_DEVELOPMENT:
	case PROFILE_ADHOC:
		return "LIMITED";
	case PROFILE_APPSTORE:
		return "STORE";
	default:
		return NULL;
	}
}

/* ---- the DER form (spec codesign.md 7.5) ---- */

/* One SEQUENCE { key, value } of the SET; value is encoded already. */
static bool add_entry(struct der_set *set, const char *key, struct slice value,
                      struct error *err)
{
	AUTO(buf_free) struct buf body = BUF_INIT(DER_MAX);
	AUTO(buf_free) struct buf entry = BUF_INIT(DER_MAX);

	return der_put(&body, DER_UTF8, slice_str(key), err) &&
	       buf_append(&body, value, err) &&
	       der_put(&entry, DER_SEQUENCE, buf_slice(&body), err) &&
	       der_set_add(set, buf_slice(&entry), err);
}

static bool add_text(struct der_set *set, const char *key, const char *text,
                     struct error *err)
{
	AUTO(buf_free) struct buf value = BUF_INIT(DER_MAX);

	return der_put(&value, DER_UTF8, slice_str(text), err) &&
	       add_entry(set, key, buf_slice(&value), err);
}

static bool add_integer(struct der_set *set, const char *key, int64_t v,
                        struct error *err)
{
	AUTO(buf_free) struct buf value = BUF_INIT(64);

	return der_put_int64(&value, v, err) &&
	       add_entry(set, key, buf_slice(&value), err);
}

static bool add_date(struct der_set *set, const char *key, int64_t time_s,
                     struct error *err)
{
	AUTO(buf_free) struct buf value = BUF_INIT(64);
	int year, month, day, hour, minute, second;
	char text[32];

	clock_to_civil(time_s, &year, &month, &day, &hour, &minute, &second);
	int n = snprintf(text, sizeof text, "%02d%02d%02d%02d%02d%02dZ", year % 100,
	                 month, day, hour, minute, second);
	if (n != 13 || year < 1950 || year >= 2050)
		return error_set(err, ERROR_USAGE,
		                 "a profile's date must lie between 1950 "
		                 "and 2049");
	return der_put(&value, DER_UTC_TIME, slice_str(text), err) &&
	       add_entry(set, key, buf_slice(&value), err);
}

static bool add_list(struct der_set *set, const char *key, const char *const *texts,
                     size_t count, struct error *err)
{
	AUTO(buf_free) struct buf items = BUF_INIT(DER_MAX);
	AUTO(buf_free) struct buf value = BUF_INIT(DER_MAX);

	for (size_t i = 0; i < count; i++)
		if (!der_put(&items, DER_UTF8, slice_str(texts[i]), err))
			return false;
	return der_put(&value, DER_SEQUENCE, buf_slice(&items), err) &&
	       add_entry(set, key, buf_slice(&value), err);
}

static bool add_cert_hashes(struct der_set *set, const struct profile_new *how,
                            struct error *err)
{
	AUTO(buf_free) struct buf items = BUF_INIT(DER_MAX);
	AUTO(buf_free) struct buf value = BUF_INIT(DER_MAX);

	for (size_t i = 0; i < how->cert_count; i++)
		if (!der_put(&items, DER_OCTET_STRING,
		             slice_of(how->certs[i]->sha256, 32), err))
			return false;
	return der_put(&value, DER_SEQUENCE, buf_slice(&items), err) &&
	       add_entry(set, "DeveloperCertificates", buf_slice(&value), err);
}

static bool add_entitlements(struct der_set *set, const struct profile_new *how,
                             struct error *err)
{
	AUTO(buf_free) struct buf value = BUF_INIT(DER_MAX);

	return plistder_encode(&value, how->entitlements, err) &&
	       add_entry(set, "Entitlements", buf_slice(&value), err);
}

static int64_t days(const struct profile_new *how)
{
	return (how->expires_s - how->created_s + CLOCK_DAY_S / 2) / CLOCK_DAY_S;
}

static bool add_boolean(struct der_set *set, const char *key, bool v, struct error *err)
{
	const unsigned char value[] = { DER_BOOLEAN, 1, v ? 0xff : 0 };

	return add_entry(set, key, slice_of(value, sizeof value), err);
}

static bool collect(struct der_set *set, const struct profile_new *how,
                    struct error *err)
{
	bool all = is_for_all_devices(how);
	const char *type = distribution_type(how->kind);

	return add_integer(set, "Version", 1, err) &&
	       add_integer(set, "TimeToLive", days(how), err) &&
	       add_boolean(set, "IsXcodeManaged", false, err) &&
	       add_text(set, "AppIDName", how->app_id_name, err) &&
	       add_text(set, "TeamName", how->team_name, err) &&
	       add_text(set, "Name", how->name, err) &&
	       add_text(set, "UUID", how->uuid, err) &&
	       add_date(set, "CreationDate", how->created_s, err) &&
	       add_date(set, "ExpirationDate", how->expires_s, err) &&
	       add_list(set, "TeamIdentifier", &how->team_id, 1, err) &&
	       add_list(set, "ApplicationIdentifierPrefix", &how->prefix, 1, err) &&
	       add_list(set, "Platform", how->platforms, how->platform_count, err) &&
	       (!has_device_list(how) ||
	        add_list(set, "ProvisionedDevices", how->devices, how->device_count,
	                 err)) &&
	       (type == NULL || add_text(set, "ProfileDistributionType", type, err)) &&
	       (!all || add_boolean(set, "ProvisionsAllDevices", true, err)) &&
	       add_cert_hashes(set, how, err) && add_entitlements(set, how, err);
}

static bool sign(struct buf *out, struct slice content,
                 const struct signature_party *by, int64_t time_s, struct error *err)
{
	const struct cms_sign how = { .cert = by->cert,
		                      .chain = by->chain,
		                      .chain_count = by->chain_count,
		                      .key = by->key,
		                      .time_s = time_s };

	return cms_build(out, content, &how, err);
}

static bool build_der(struct buf *out, const struct profile_new *how,
                      const struct signature_party *by, struct error *err)
{
	AUTO(der_set_free) struct der_set set = { 0 };
	AUTO(buf_free) struct buf content = BUF_INIT(DER_MAX);

	return collect(&set, how, err) && der_set_put(&content, DER_SET, &set, err) &&
	       sign(out, buf_slice(&content), by, how->created_s, err);
}

/* ---- the property list ---- */

static void set_list(struct pl *dict, const char *key, const char *const *texts,
                     size_t count)
{
	struct pl *list = pl_set(dict, key, pl_new_array());

	for (size_t i = 0; i < count; i++)
		pl_append(list, pl_new_string(texts[i]));
}

static struct pl *build_plist(const struct profile_new *how, struct slice der)
{
	struct pl *p = pl_new_dict();

	pl_set(p, "AppIDName", pl_new_string(how->app_id_name));
	set_list(p, "ApplicationIdentifierPrefix", &how->prefix, 1);
	pl_set(p, "CreationDate", pl_new_date(how->created_s));
	set_list(p, "Platform", how->platforms, how->platform_count);
	pl_set(p, "IsXcodeManaged", pl_new_bool(false));
	struct pl *certs = pl_set(p, "DeveloperCertificates", pl_new_array());
	for (size_t i = 0; i < how->cert_count; i++)
		pl_append(certs, pl_new_data(how->certs[i]->der));
	if (der.n > 0)
		pl_set(p, "DER-Encoded-Profile", pl_new_data(der));
	pl_set(p, "Entitlements", pl_copy(how->entitlements));
	pl_set(p, "ExpirationDate", pl_new_date(how->expires_s));
	pl_set(p, "Name", pl_new_string(how->name));
	if (has_device_list(how))
		set_list(p, "ProvisionedDevices", how->devices, how->device_count);
	if (is_for_all_devices(how))
		pl_set(p, "ProvisionsAllDevices", pl_new_bool(true));
	set_list(p, "TeamIdentifier", &how->team_id, 1);
	pl_set(p, "TeamName", pl_new_string(how->team_name));
	pl_set(p, "TimeToLive", pl_new_int(days(how)));
	pl_set(p, "UUID", pl_new_string(how->uuid));
	pl_set(p, "Version", pl_new_int(1));
	return p;
}

bool profile_build(struct buf *out, const struct profile_new *how,
                   const struct profile_signers *signers, struct error *err)
{
	AUTO(buf_free) struct buf der = BUF_INIT(DER_MAX);
	AUTO(buf_free) struct buf text = BUF_INIT(PROFILE_MAX_BYTES);

	if (!how->omit_der && !build_der(&der, how, &signers->der, err))
		return error_context(err, "making the profile's DER form");
	AUTO(drop_pl) struct pl *plist = build_plist(how, buf_slice(&der));
	return pl_write_xml(&text, plist, err) &&
	       sign(out, buf_slice(&text), &signers->outer, how->created_s, err);
}
