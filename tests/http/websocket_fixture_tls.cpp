#include "tests/http/websocket_fixture_tls.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace switchboard::http::testing {
namespace {

constexpr long day_s = 24 * 3600;

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using x509_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

key_ptr make_key() {
  return {EVP_EC_gen("P-256"), &EVP_PKEY_free};
}

template <class Write>
std::string to_pem(Write write) {
  BIO* bio = BIO_new(BIO_s_mem());
  write(bio);
  char* bytes = nullptr;
  const long count = BIO_get_mem_data(bio, &bytes);
  std::string out(bytes, static_cast<size_t>(count));
  BIO_free(bio);
  return out;
}

certificate to_pem(X509* x509, EVP_PKEY* key) {
  return {to_pem([&](BIO* bio) { PEM_write_bio_X509(bio, x509); }), to_pem([&](BIO* bio) {
            PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

void add_extension(X509* x509, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr)
    throw std::runtime_error("bad extension " + value);
  X509_add_ext(x509, extension, -1);
  X509_EXTENSION_free(extension);
}

x509_ptr make_unsigned(EVP_PKEY* key, const std::string& name, int from_days, int to_days) {
  x509_ptr x509(X509_new(), &X509_free);
  X509_set_version(x509.get(), 2);
  uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial));
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509.get()), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(x509.get()), from_days * day_s);
  X509_gmtime_adj(X509_getm_notAfter(x509.get()), to_days * day_s);
  X509_set_pubkey(x509.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return x509;
}

} // namespace

certificate make_authority(const std::string& name) {
  key_ptr key = make_key();
  x509_ptr x509 = make_unsigned(key.get(), name, -1, 30);
  X509_set_issuer_name(x509.get(), X509_get_subject_name(x509.get()));
  add_extension(x509.get(), x509.get(), NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(x509.get(), key.get(), EVP_sha256());
  return to_pem(x509.get(), key.get());
}

certificate make_certificate(const certificate& authority, const std::string& alternative_names,
                             int valid_from_days, int valid_to_days) {
  BIO* bio = BIO_new_mem_buf(authority.certificate_pem.data(), -1);
  x509_ptr issuer(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr), &X509_free);
  BIO_free(bio);
  bio = BIO_new_mem_buf(authority.key_pem.data(), -1);
  key_ptr issuer_key(PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr), &EVP_PKEY_free);
  BIO_free(bio);
  key_ptr key = make_key();
  x509_ptr x509 = make_unsigned(key.get(), "server", valid_from_days, valid_to_days);
  X509_set_issuer_name(x509.get(), X509_get_subject_name(issuer.get()));
  add_extension(x509.get(), issuer.get(), NID_subject_alt_name, alternative_names);
  X509_sign(x509.get(), issuer_key.get(), EVP_sha256());
  return to_pem(x509.get(), key.get());
}

temporary_file::temporary_file(const std::string& content) {
  char pattern[] = "/tmp/switchboard-websocket-XXXXXX";
  if (mkdtemp(pattern) == nullptr)
    throw std::runtime_error("mkdtemp");
  directory_ = pattern;
  path_ = directory_ + "/file";
  std::ofstream(path_) << content;
}

temporary_file::~temporary_file() {
  unlink(path_.c_str());
  rmdir(directory_.c_str());
}

} // namespace switchboard::http::testing
