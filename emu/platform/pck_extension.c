// SPDX-License-Identifier: MIT
//
// SEQUENCE of SEQUENCE { OID, value }, as the platform CA of Intel issues it. Lists own their items; a failure
// leaves a NULL, which every step passes on.
#include "emu/platform/pck_extension.h"

#include <openssl/asn1t.h>
#include <openssl/objects.h>
#include <stdio.h>

#include "emu/platform.h"
#include "emu/platform/state.h"
#include "emu/platform/tcb.h"

#define SGX_OID "1.2.840.113741.1.13.1"
enum { SGX_TYPE_SCALABLE = 1, TCB_PCE_SVN = 17, TCB_CPU_SVN = 18, OID_SIZE = 48 };

typedef STACK_OF(ASN1_TYPE) items;

static ASN1_TYPE *wrap(int type, void *value)
{
    ASN1_TYPE *ret = value ? ASN1_TYPE_new() : NULL;
    if (ret)
        ASN1_TYPE_set(ret, type, value);
    return ret;
}

static ASN1_TYPE *octets(const void *data, int size)
{
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    if (value && !ASN1_OCTET_STRING_set(value, data, size)) {
        ASN1_OCTET_STRING_free(value);
        value = NULL;
    }
    ASN1_TYPE *ret = wrap(V_ASN1_OCTET_STRING, value);
    if (!ret)
        ASN1_OCTET_STRING_free(value);
    return ret;
}

static ASN1_TYPE *number(int type, long n)
{
    ASN1_INTEGER *value = type == V_ASN1_ENUMERATED ? ASN1_ENUMERATED_new() : ASN1_INTEGER_new();
    if (value && !(type == V_ASN1_ENUMERATED ? ASN1_ENUMERATED_set(value, n) : ASN1_INTEGER_set(value, n))) {
        ASN1_STRING_free(value);
        value = NULL;
    }
    ASN1_TYPE *ret = wrap(type, value);
    if (!ret)
        ASN1_STRING_free(value);
    return ret;
}

static ASN1_TYPE *true_value(void)
{
    ASN1_TYPE *ret = ASN1_TYPE_new();
    if (ret)
        ASN1_TYPE_set(ret, V_ASN1_BOOLEAN, ret); // any pointer but NULL
    return ret;
}

// DER of a list as a string of the given type; takes the list.
static ASN1_STRING *encode(items *list, int type)
{
    uint8_t *der = NULL;
    int size = list ? i2d_ASN1_SEQUENCE_ANY(list, &der) : -1;
    ASN1_STRING *ret = size > 0 ? ASN1_STRING_type_new(type) : NULL;
    if (ret)
        ASN1_STRING_set0(ret, der, size);
    else
        OPENSSL_free(der);
    sk_ASN1_TYPE_pop_free(list, ASN1_TYPE_free);
    return ret;
}

static ASN1_TYPE *sequence(items *list)
{
    ASN1_STRING *value = encode(list, V_ASN1_SEQUENCE);
    ASN1_TYPE *ret = wrap(V_ASN1_SEQUENCE, value);
    if (!ret)
        ASN1_STRING_free(value);
    return ret;
}

// Takes both; NULL when either is NULL.
static items *append(items *list, ASN1_TYPE *item)
{
    if (list && item && sk_ASN1_TYPE_push(list, item) > 0)
        return list;
    ASN1_TYPE_free(item);
    sk_ASN1_TYPE_pop_free(list, ASN1_TYPE_free);
    return NULL;
}

static items *add(items *list, const char *oid, ASN1_TYPE *value)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_TYPE *name = wrap(V_ASN1_OBJECT, object);
    if (!name)
        ASN1_OBJECT_free(object);
    return append(list, sequence(append(append(sk_ASN1_TYPE_new_null(), name), value)));
}

static items *add_numbered(items *list, const char *parent, unsigned index, ASN1_TYPE *value)
{
    char oid[OID_SIZE];
    snprintf(oid, sizeof(oid), "%s.%u", parent, index);
    return add(list, oid, value);
}

static ASN1_TYPE *tcb(const struct platform_state *s)
{
    static const char parent[] = SGX_OID ".2";
    const uint8_t *svn = s->secrets.cpusvn;
    items *list = sk_ASN1_TYPE_new_null();
    for (unsigned i = 0; i < PLATFORM_TCB_COMPONENTS; i++)
        list = add_numbered(list, parent, i + 1, number(V_ASN1_INTEGER, svn[i]));
    list = add_numbered(list, parent, TCB_PCE_SVN, number(V_ASN1_INTEGER, PLATFORM_PCE_SVN));
    return sequence(add_numbered(list, parent, TCB_CPU_SVN, octets(svn, PLATFORM_TCB_COMPONENTS)));
}

// dynamicPlatform, cachedKeys, smtEnabled.
static ASN1_TYPE *configuration(void)
{
    items *list = sk_ASN1_TYPE_new_null();
    for (unsigned i = 1; i <= 3; i++)
        list = add_numbered(list, SGX_OID ".7", i, true_value());
    return sequence(list);
}

ASN1_OCTET_STRING *platform_pck_extension(const struct platform_state *s)
{
    static const uint8_t pce_id[2] = {0, 0};
    items *list = sk_ASN1_TYPE_new_null();
    list = add(list, SGX_OID ".1", octets(s->ppid, sizeof(s->ppid)));
    list = add(list, SGX_OID ".2", tcb(s));
    list = add(list, SGX_OID ".3", octets(pce_id, sizeof(pce_id)));
    list = add(list, SGX_OID ".4", octets(emu_platform_fmspc, sizeof(emu_platform_fmspc)));
    list = add(list, SGX_OID ".5", number(V_ASN1_ENUMERATED, SGX_TYPE_SCALABLE));
    list = add(list, SGX_OID ".6", octets(s->instance_id, sizeof(s->instance_id)));
    list = add(list, SGX_OID ".7", configuration());
    return encode(list, V_ASN1_OCTET_STRING);
}
