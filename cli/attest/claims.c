// SPDX-License-Identifier: MIT
#include "cli/attest/claims.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sgx/structures.h"

json_t *hex_of(const void *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *p = bytes;
    char *text = malloc(2 * size + 1);
    if (!text)
        return NULL;
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[p[i] >> 4];
        text[2 * i + 1] = digits[p[i] & 15];
    }
    json_t *ret = json_stringn(text, 2 * size);
    free(text);
    return ret;
}

static json_t *mask_of(uint64_t mask)
{
    char text[24];
    snprintf(text, sizeof(text), "0x%016llx", (unsigned long long)mask);
    return json_string(text);
}

static json_t *time_of(int64_t seconds)
{
    char text[32];
    struct tm tm;
    const time_t t = (time_t)seconds;
    if (!gmtime_r(&t, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
        return json_null();
    return json_string(text);
}

static void set(json_t *object, const char *key, json_t *value)
{
    (void)json_object_set_new(object, key, value); // without memory a claim is missing, none is wrong
}

#define SET_HEX(object, key, array) set(object, key, hex_of(array, sizeof(array)))

json_t *claims_of_enclave(const void *bytes)
{
    struct sgx_report_body body;
    json_t *o = json_object();
    memcpy(&body, bytes, sizeof(body));
    SET_HEX(o, "mrenclave", body.mrenclave);
    SET_HEX(o, "mrsigner", body.mrsigner);
    set(o, "product_id", json_integer(body.isvprodid));
    set(o, "security_version", json_integer(body.isvsvn));
    set(o, "debug", json_boolean(body.attributes.flags & SGX_ATTRIBUTE_DEBUG));
    set(o, "attributes", mask_of(body.attributes.flags));
    set(o, "xfrm", mask_of(body.attributes.xfrm));
    set(o, "miscselect", json_integer(body.miscselect));
    SET_HEX(o, "cpusvn", body.cpusvn);
    SET_HEX(o, "config_id", body.configid);
    set(o, "config_svn", json_integer(body.configsvn));
    SET_HEX(o, "family_id", body.isvfamilyid);
    SET_HEX(o, "extended_product_id", body.isvextprodid);
    return o;
}

json_t *claims_of_trust_domain(const struct attest_tdx *td)
{
    char key[8];
    json_t *o = json_object();
    SET_HEX(o, "mrtd", td->mrtd);
    for (int i = 0; i < 4; i++) {
        snprintf(key, sizeof(key), "rtmr%d", i);
        SET_HEX(o, key, td->rtmr[i]);
    }
    set(o, "debug", json_boolean(td->tdattributes & 0xff));
    set(o, "td_attributes", mask_of(td->tdattributes));
    set(o, "xfam", mask_of(td->xfam));
    SET_HEX(o, "mrconfigid", td->mrconfigid);
    SET_HEX(o, "mrowner", td->mrowner);
    SET_HEX(o, "mrownerconfig", td->mrownerconfig);
    SET_HEX(o, "mrservicetd", td->mrservicetd);
    SET_HEX(o, "mrseam", td->mrseam);
    SET_HEX(o, "mrsignerseam", td->mrsignerseam);
    set(o, "seam_attributes", mask_of(td->seamattributes));
    SET_HEX(o, "tee_tcb_svn", td->tee_tcb_svn);
    SET_HEX(o, "tee_tcb_svn_2", td->tee_tcb_svn_2);
    return o;
}

json_t *claims_of_guest(const struct attest_snp *snp)
{
    json_t *o = json_object();
    SET_HEX(o, "measurement", snp->measurement);
    set(o, "guest_svn", json_integer(snp->guest_svn));
    set(o, "debug", json_boolean(snp->policy >> 19 & 1));
    set(o, "policy", mask_of(snp->policy));
    set(o, "vmpl", json_integer(snp->vmpl));
    SET_HEX(o, "host_data", snp->host_data);
    SET_HEX(o, "id_key_digest", snp->id_key_digest);
    SET_HEX(o, "author_key_digest", snp->author_key_digest);
    set(o, "author_key_enabled", json_boolean(snp->author_key_enabled));
    SET_HEX(o, "family_id", snp->family_id);
    SET_HEX(o, "image_id", snp->image_id);
    SET_HEX(o, "report_id", snp->report_id);
    set(o, "platform_info", mask_of(snp->platform_info));
    SET_HEX(o, "reported_tcb", snp->reported_tcb);
    SET_HEX(o, "current_tcb", snp->current_tcb);
    SET_HEX(o, "committed_tcb", snp->committed_tcb);
    SET_HEX(o, "launch_tcb", snp->launch_tcb);
    SET_HEX(o, "chip_id", snp->chip_id);
    set(o, "signing_key", json_string(snp->vlek ? "VLEK" : "VCEK"));
    if (snp->product[0])
        set(o, "product", json_string(snp->product));
    if (snp->csp_id[0])
        set(o, "csp_id", json_string(snp->csp_id));
    return o;
}

static json_t *advisories_of(const char *list)
{
    json_t *array = json_array();
    while (*list) {
        const size_t length = strcspn(list, ",");
        (void)json_array_append_new(array, json_stringn(list, length));
        list += length + (list[length] == ',');
    }
    return array;
}

static void tell_answer(json_t *o, const char *key, enum attest_answer answer)
{
    if (answer != ATTEST_NOT_SAID)
        set(o, key, json_boolean(answer == ATTEST_YES));
}

// What the certificate leaves out is left out.
static void tell_pck(json_t *o, const struct attest_pck *pck)
{
    if (pck->has_ppid)
        SET_HEX(o, "ppid", pck->ppid);
    if (pck->has_instance_id)
        SET_HEX(o, "instance_id", pck->instance_id);
    if (pck->has_sgx_type)
        set(o, "sgx_type", json_integer(pck->sgx_type));
    tell_answer(o, "dynamic_platform", pck->dynamic_platform);
    tell_answer(o, "cached_keys", pck->cached_keys);
    tell_answer(o, "smt_enabled", pck->smt_enabled);
}

static json_t *intel_platform_of(const struct attest_verdict *v)
{
    json_t *o = json_object();
    set(o, "tcb_status", json_string(attest_tcb_status_name(v->tcb_status)));
    set(o, "tcb_date", json_string(v->tcb_date));
    set(o, "advisories", advisories_of(v->advisory_ids));
    SET_HEX(o, "fmspc", v->fmspc);
    SET_HEX(o, "tcb_components", v->cpusvn);
    set(o, "pce_svn", json_integer(v->pcesvn));
    SET_HEX(o, "pce_id", v->pceid);
    tell_pck(o, &v->pck);
    set(o, "evaluation_number", json_integer(v->evaluation_number));
    set(o, "collateral_issued", time_of(v->collateral_issued));
    set(o, "collateral_expires", time_of(v->collateral_expires));
    set(o, "test_root", json_boolean(v->test_root));
    return o;
}

json_t *claims_of(const struct attest_verdict *v)
{
    json_t *o = json_object();
    set(o, "tee", json_string(attest_tee_name(v->tee)));
    set(o, "version", json_integer(v->version));
    if (v->tee == ATTEST_SGX)
        set(o, "enclave", claims_of_enclave(v->report_body));
    else if (v->tee == ATTEST_TDX)
        set(o, "trust_domain", claims_of_trust_domain(&v->tdx));
    else
        set(o, "guest", claims_of_guest(&v->snp));
    SET_HEX(o, "report_data", v->report_data);
    if (v->tee != ATTEST_SNP)
        set(o, "platform", intel_platform_of(v));
    return o;
}

static void print_value(const json_t *value)
{
    size_t i;
    json_t *one;
    if (json_is_string(value))
        printf("%s", *json_string_value(value) ? json_string_value(value) : "-");
    else if (json_is_integer(value))
        printf("%lld", (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        printf("%s", json_is_true(value) ? "yes" : "no");
    else if (json_is_array(value) && json_array_size(value)) {
        json_array_foreach(value, i, one) printf("%s%s", i ? " " : "", json_string_value(one));
    } else
        printf("-");
}

static void print_object(const char *prefix, const json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        char name[64];
        snprintf(name, sizeof(name), "%s%s%s", prefix, *prefix ? "." : "", key);
        if (json_is_object(value)) {
            print_object(name, value);
            continue;
        }
        printf("%-36s ", name);
        print_value(value);
        putchar('\n');
    }
}

void claims_print(const json_t *claims)
{
    print_object("", claims);
}
