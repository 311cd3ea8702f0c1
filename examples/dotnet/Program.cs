// SPDX-License-Identifier: MIT
//
// Reads the credentials that Mystikos made before the program started (MYST_WANT_TEE_CREDENTIALS in config.json): a
// self-signed certificate, its private key, and the report of the processor that binds the key to this enclave.
using System;
using System.IO;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

// The report is a header of 16 bytes and a quote; an SGX quote holds, behind its own header of 48 bytes, the report of the
// enclave, and this one 64 bytes of the enclave's choice at 320: here the SHA-256 of the certificate's public key.
const int reportData = 16 + 48 + 320;

X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile("/tmp/myst.crt");
byte[] report = File.ReadAllBytes("/tmp/myst.report");

Console.WriteLine($"Subject: {certificate.Subject}");
Console.WriteLine($"Public key: {certificate.GetPublicKeyString()}");
Console.WriteLine($"Report: {Convert.ToHexString(report)}");

using RSA key = RSA.Create();
string pem = File.ReadAllText("/tmp/myst.key");
PemFields fields = PemEncoding.Find(pem);
key.ImportRSAPrivateKey(Convert.FromBase64String(pem[fields.Base64Data]), out _);
using X509Certificate2 identity = certificate.CopyWithPrivateKey(key);
Console.WriteLine("Imported RSA private key into cert");

byte[] digest = SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());
if (!digest.AsSpan().SequenceEqual(report.AsSpan(reportData, digest.Length)))
{
    Console.Error.WriteLine("The report is of another key");
    return 1;
}
byte[] signature = identity.GetRSAPrivateKey()!.SignData(report, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
bool good = certificate.GetRSAPublicKey()!.VerifyData(report, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
Console.WriteLine(good ? "The report is of this key, and the key signs for the certificate" : "The key is of another certificate");
return good ? 0 : 1;
