// DKIM public keys for tests, as openssl(1) made them.
#pragma once

namespace waypost::spfcheck {

inline constexpr const char* kRsa512 =
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAJYU8WFKgeQI7mGcTKp0HuV0hQFHhkpHg/76XDJ6JxdP44Wq4BoZ"
    "RjV+JJa9kw4G6DkxJOgX0i3I67DoWyqPaBkCAwEAAQ==";
inline constexpr const char* kRsa1024 =
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCnXurlV2b+r0QrBrJpnIJOQXKZlRqsUjSnAgT3da+rqNyP"
    "LxjQWLIhtroFn758vAboJroalF17WPvl9vET45qH3ukRciZckY3W65sjEQC/ZqenOHMYVvDi+hoYOytNyGzr"
    "rpizbU1u7DdkKsUW3BeXZq/B+Hl56xRmk1RV064J7QIDAQAB";
inline constexpr const char* kRsa2048 =
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuyeJKpuRwVOI12FM4odSksJJIGR1rhpl9vk2+WnI"
    "uaU8vhHs+02SvkpIES/a1vzCkDVmOqVzFd/0fz7EgGG66LlyY+6gSWcKJ/GIAxZN6ssfdQFENiVgCFxZD/93"
    "xM5cmR/52n4ZlVaHAYpXAnMWQgBBS9NsBBI71yhryCWceEYoV3OfF/Ia1N+nmYQRl+t4oAM4WcXMKmFetytr"
    "TMfsWLLaVpKS6nCj1UlWLrvsnu0ZDVvQ4P34SlSPGWSaoE8Fk/s080ow9sCDYyyC4QxHKFcMZBOY20v/rIWw"
    "s9h2vrF+ez9Yw65q6ZPdJpwEqbHesMjtPddCPXW+h8CSe4sPuwIDAQAB";
// RFC 8017 A.1.1, without the algorithm around it.
inline constexpr const char* kRsa1024Alone =
    "MIGJAoGBAMRWpCTdfspxMhfpQtDrZyX+fPUclcfdzW7+v90yk4L3RNfBhakqFHzn2jMCW6Lwm6Sjhq1G9JhY"
    "oSeWhLTAdwP5fHbxfeCEj3DvLAgCJx23DKF94heZFufkilpjlid6plAVWNm7HzVmwzggSJLpFIXhuCgW2jzi"
    "oHNRpV1PftcZAgMBAAE=";
inline constexpr const char* kEd25519 = "IuwOEit6P2PtK9bx2F4mvZTZ7JmuESSc//OlbUawk94=";
inline constexpr const char* kEllipticCurve =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYoyEQrhgqvLPTOpkIG1TbXwjjjmIt57b8LbLBn3U1PqtdT9T"
    "VQwjdB2jJCeotBVKJMy+ik1WLo9K1z2202bN4A==";

} // namespace waypost::spfcheck
