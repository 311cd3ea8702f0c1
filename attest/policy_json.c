// SPDX-License-Identifier: MIT
//
// A policy from a JSON object. One row per member; a member that is not known, or not of its form, makes the
// whole policy unusable: a policy that was understood half would accept too much.
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <myst/attest.h>

#include "attest/signed_json.h"

enum { MAX_ITEMS = 256 };

struct stored_policy {
    struct attest_policy policy; // first: what the caller has
    json_t *value;               // the texts of names stand there
    struct attest_value measurements[MAX_ITEMS], signers[MAX_ITEMS];
    const char *advisories[MAX_ITEMS], *snp_providers[MAX_ITEMS];
    uint8_t report_data[64], rtmr[4][48], snp_min_tcb[8];
};

typedef bool set_fn(struct stored_policy *s, const json_t *value);

static bool set_flag(const json_t *value, bool *ret)
{
    *ret = json_is_true(value);
    return json_is_boolean(value);
}

static bool set_number(const json_t *value, json_int_t max, json_int_t *ret)
{
    *ret = json_integer_value(value);
    return json_is_integer(value) && *ret >= 0 && *ret <= max;
}

static bool set_bytes(const json_t *value, uint8_t *ret_bytes, size_t size)
{
    return json_is_string(value) &&
           hex_decode(json_string_value(value), json_string_length(value), ret_bytes, size);
}

// A list that is empty would accept nothing, which nobody means.
static bool is_list(const json_t *value)
{
    return json_is_array(value) && json_array_size(value) > 0 && json_array_size(value) <= MAX_ITEMS;
}

static bool set_values(const json_t *list, struct attest_value *values, size_t *ret_count)
{
    if (!is_list(list))
        return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        values[i].size = json_string_length(one) / 2;
        if ((values[i].size != 32 && values[i].size != 48) ||
            !set_bytes(one, values[i].bytes, values[i].size))
            return false;
    }
    *ret_count = json_array_size(list);
    return true;
}

// Names of a numbered kind, as a mask.
static bool set_mask(const json_t *list, unsigned count, const char *(*name_of)(unsigned), uint32_t *ret_mask)
{
    *ret_mask = 0;
    if (!is_list(list))
        return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        unsigned k = 0;
        while (text && k < count && strcmp(text, name_of(k)))
            k++;
        if (!text || k == count)
            return false;
        *ret_mask |= 1u << k;
    }
    return true;
}

static const char *tee_key(unsigned tee)
{
    static const char *const names[ATTEST_TEES] = {
        [ATTEST_SGX] = "sgx", [ATTEST_TDX] = "tdx", [ATTEST_SNP] = "snp"};
    return names[tee];
}

static const char *status_key(unsigned status)
{
    return attest_tcb_status_name((enum attest_tcb_status)status);
}

static bool set_tee(struct stored_policy *s, const json_t *value)
{
    return set_mask(value, ATTEST_TEES, tee_key, &s->policy.accept_tees);
}

static bool set_tcb_status(struct stored_policy *s, const json_t *value)
{
    return set_mask(value, ATTEST_TCB_STATUSES, status_key, &s->policy.accept_tcb) &&
           !(s->policy.accept_tcb &
             (ATTEST_TCB_BIT(ATTEST_TCB_REVOKED) | ATTEST_TCB_BIT(ATTEST_TCB_NOT_STATED)));
}

static bool set_measurements(struct stored_policy *s, const json_t *value)
{
    s->policy.measurements = s->measurements;
    return set_values(value, s->measurements, &s->policy.measurements_count);
}

static bool set_signers(struct stored_policy *s, const json_t *value)
{
    s->policy.signers = s->signers;
    return set_values(value, s->signers, &s->policy.signers_count);
}

static bool set_product_id(struct stored_policy *s, const json_t *value)
{
    json_int_t number;
    if (!set_number(value, UINT16_MAX, &number))
        return false;
    s->policy.check_product_id = true;
    s->policy.product_id = (uint16_t)number;
    return true;
}

static bool set_min_security_version(struct stored_policy *s, const json_t *value)
{
    json_int_t number;
    if (!set_number(value, UINT16_MAX, &number))
        return false;
    s->policy.min_security_version = (uint16_t)number;
    return true;
}

static bool set_min_evaluation_number(struct stored_policy *s, const json_t *value)
{
    json_int_t number;
    if (!set_number(value, UINT32_MAX, &number))
        return false;
    s->policy.min_evaluation_number = (uint32_t)number;
    return true;
}

static bool set_max_collateral_age(struct stored_policy *s, const json_t *value)
{
    json_int_t number;
    if (!set_number(value, INT32_MAX, &number) || !number)
        return false;
    s->policy.max_collateral_age = number;
    return true;
}

static bool set_debug(struct stored_policy *s, const json_t *value)
{
    return set_flag(value, &s->policy.accept_debug);
}

static bool set_test_root(struct stored_policy *s, const json_t *value)
{
    return set_flag(value, &s->policy.accept_test_root);
}

static bool set_names(const json_t *list, const char **names, size_t *ret_count)
{
    if (!json_is_array(list) || json_array_size(list) > MAX_ITEMS)
        return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        names[i] = json_string_value(json_array_get(list, i));
        if (!names[i])
            return false;
    }
    *ret_count = json_array_size(list);
    return true;
}

// An empty list is meant: no advisory at all.
static bool set_advisories(struct stored_policy *s, const json_t *value)
{
    s->policy.check_advisories = true;
    s->policy.advisories = s->advisories;
    return set_names(value, s->advisories, &s->policy.advisories_count);
}

static bool set_snp_providers(struct stored_policy *s, const json_t *value)
{
    s->policy.snp_providers = s->snp_providers;
    return is_list(value) && set_names(value, s->snp_providers, &s->policy.snp_providers_count);
}

static bool set_report_data(struct stored_policy *s, const json_t *value)
{
    s->policy.report_data = s->report_data;
    return set_bytes(value, s->report_data, sizeof(s->report_data));
}

static bool set_rtmr(struct stored_policy *s, const json_t *value, int i)
{
    s->policy.rtmr[i] = s->rtmr[i];
    return set_bytes(value, s->rtmr[i], sizeof(s->rtmr[i]));
}

static bool set_rtmr0(struct stored_policy *s, const json_t *value)
{
    return set_rtmr(s, value, 0);
}

static bool set_rtmr1(struct stored_policy *s, const json_t *value)
{
    return set_rtmr(s, value, 1);
}

static bool set_rtmr2(struct stored_policy *s, const json_t *value)
{
    return set_rtmr(s, value, 2);
}

static bool set_rtmr3(struct stored_policy *s, const json_t *value)
{
    return set_rtmr(s, value, 3);
}

static bool set_snp_min_tcb(struct stored_policy *s, const json_t *value)
{
    s->policy.snp_min_tcb = s->snp_min_tcb;
    return set_bytes(value, s->snp_min_tcb, sizeof(s->snp_min_tcb));
}

static bool set_snp_max_vmpl(struct stored_policy *s, const json_t *value)
{
    json_int_t number;
    if (!set_number(value, 3, &number))
        return false;
    s->policy.check_snp_vmpl = true;
    s->policy.snp_max_vmpl = (uint8_t)number;
    return true;
}

static bool set_snp_require_crl(struct stored_policy *s, const json_t *value)
{
    return set_flag(value, &s->policy.require_snp_crl);
}

static bool set_snp_migration(struct stored_policy *s, const json_t *value)
{
    return set_flag(value, &s->policy.accept_migratable);
}

static const struct row {
    const char *key;
    set_fn *set;
    const char *form; // what the value must be
} rows[] = {
    {"tee", set_tee, "a list of \"sgx\", \"tdx\", \"snp\""},
    {"measurements", set_measurements, "a list of measurements, 64 or 96 hexadecimal digits each"},
    {"signers", set_signers, "a list of signers, 64 or 96 hexadecimal digits each"},
    {"product_id", set_product_id, "a number up to 65535"},
    {"min_security_version", set_min_security_version, "a number up to 65535"},
    {"debug", set_debug, "true or false"},
    {"test_root", set_test_root, "true or false"},
    {"tcb_status", set_tcb_status, "a list of TCB statuses as Intel names them, without Revoked"},
    {"advisories", set_advisories, "a list of advisory names"},
    {"max_collateral_age", set_max_collateral_age, "a number of seconds, at least 1"},
    {"min_evaluation_number", set_min_evaluation_number, "a number"},
    {"report_data", set_report_data, "128 hexadecimal digits"},
    {"rtmr0", set_rtmr0, "96 hexadecimal digits"},
    {"rtmr1", set_rtmr1, "96 hexadecimal digits"},
    {"rtmr2", set_rtmr2, "96 hexadecimal digits"},
    {"rtmr3", set_rtmr3, "96 hexadecimal digits"},
    {"snp_min_tcb", set_snp_min_tcb, "16 hexadecimal digits, in the order of the report"},
    {"snp_max_vmpl", set_snp_max_vmpl, "a number up to 3"},
    {"snp_require_crl", set_snp_require_crl, "true or false"},
    {"snp_migration", set_snp_migration, "true or false"},
    {"snp_providers", set_snp_providers, "a list of names of cloud providers, as in the certificates of their keys"},
};

__attribute__((format(printf, 3, 4))) static int unusable(char *reason, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, size, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

static int set_members(struct stored_policy *s, char *reason, size_t size)
{
    const char *key;
    json_t *value;
    json_object_foreach(s->value, key, value)
    {
        size_t i = 0;
        while (i < sizeof(rows) / sizeof(*rows) && strcmp(rows[i].key, key))
            i++;
        if (i == sizeof(rows) / sizeof(*rows))
            return unusable(reason, size, "unknown member '%.64s'", key);
        if (!rows[i].set(s, value))
            return unusable(reason, size, "'%s' is not %s", key, rows[i].form);
    }
    return 0;
}

int attest_policy_parse(const void *text, size_t text_size, struct attest_policy **ret, char *reason,
                        size_t size)
{
    json_error_t error;
    struct stored_policy *s = calloc(1, sizeof(*s));
    int r = 0;
    *ret = NULL;
    if (!s)
        return -ENOMEM;
    s->policy.accept_tees = ATTEST_ANY_TEE;
    s->value = json_loadb(text, text_size, JSON_REJECT_DUPLICATES, &error);
    if (!s->value)
        r = unusable(reason, size, "line %d: %s", error.line, error.text);
    else if (!json_is_object(s->value))
        r = unusable(reason, size, "it is not a JSON object");
    else
        r = set_members(s, reason, size);
    if (r)
        attest_policy_free(&s->policy);
    else
        *ret = &s->policy;
    return r;
}

void attest_policy_free(struct attest_policy *policy)
{
    struct stored_policy *s = (struct stored_policy *)policy;
    if (!s)
        return;
    json_decref(s->value);
    free(s);
}
