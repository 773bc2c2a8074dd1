"""Which addresses pass the guard."""

from __future__ import annotations

import asyncio
import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.lib.addresses import AddressRefused, Guard, Unreachable, check_url, read_allow_list, why_not_global

REFUSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
    "2002:c0a8:101::1",
    "2001:0:7f00:1::80ff:fffe",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2606:4700::5efe:127.0.0.1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ffff::1",
    "not-an-address",
    "1.2.3",
]
PASSED = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.215.14",
    "172.15.255.255",
    "172.32.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "192.0.1.1",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001::1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
]


@pytest.mark.parametrize("address", REFUSED)
def test_it_refuses_what_is_not_for_everybody(address):
    assert why_not_global(address)


@pytest.mark.parametrize("address", PASSED)
def test_it_passes_global_unicast(address):
    assert why_not_global(address) is None


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_into_ipv6_never_opens_it(inside):
    if why_not_global(str(inside)) is None:
        return
    number = int(inside)
    for wrapped in (0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80):
        assert why_not_global(str(ipaddress.IPv6Address(wrapped)))


@given(st.ip_addresses())
def test_what_passes_is_never_special_for_python_either(ip):
    if why_not_global(str(ip)) is None and not (ip.version == 6 and (ip.ipv4_mapped or ip.sixtofour)):
        assert ip.is_global or ip in ipaddress.ip_network("64:ff9b::/96")
        assert not any((ip.is_multicast, ip.is_loopback, ip.is_link_local, ip.is_unspecified))


def answers(*found):
    async def resolve(host, port):
        return list(found)

    return resolve


def test_one_private_address_in_a_mixed_answer_refuses_the_name():
    guard = Guard(resolve=answers("8.8.8.8", "10.0.0.1"))
    with pytest.raises(AddressRefused, match=r"10\.0\.0\.1 is a private address.*WATCHFLOOR_ALLOW_ADDRESSES"):
        asyncio.run(guard.addresses("mixed.example", 80))


def test_a_name_without_addresses_is_unreachable():
    with pytest.raises(Unreachable, match=r"No address is known for gone\.example"):
        asyncio.run(Guard(resolve=answers()).addresses("gone.example", 80))


def test_all_addresses_of_a_good_name_are_given_in_order():
    guard = Guard(resolve=answers("2606:4700::1", "1.1.1.1"))
    assert asyncio.run(guard.addresses("good.example", 443)) == ["2606:4700::1", "1.1.1.1"]


@pytest.mark.parametrize(
    ("host", "port", "passes"),
    [
        ("intranet.example", 8080, True),
        ("INTRANET.example.", 8080, True),
        ("intranet.example", 80, False),
        ("other.intranet.example", 8080, False),
        ("127.0.0.1", 2583, True),
        ("localhost", 2583, False),
        ("::1", 9000, True),
        ("[::1]", 9000, True),
    ],
)
def test_only_the_exact_pairs_of_the_list_pass(host, port, passes):
    allow = "intranet.example:8080, 127.0.0.1:2583,[::1]:9000"
    guard = Guard(frozenset(read_allow_list(allow)), resolve=answers("127.0.0.1"))
    if passes:
        assert asyncio.run(guard.addresses(host, port)) == ["127.0.0.1"]
    else:
        with pytest.raises(AddressRefused):
            asyncio.run(guard.addresses(host, port))


@pytest.mark.parametrize(
    "entry", ["localhost", "localhost:", ":80", "localhost:99999", "localhost:0", "a:b:c", "h:８０"]
)
def test_an_entry_that_is_no_pair_is_refused_at_start(entry):
    with pytest.raises(ValueError, match="is not host:port"):
        Guard.from_environment({"WATCHFLOOR_ALLOW_ADDRESSES": entry})


def test_the_list_is_empty_by_default():
    assert Guard.from_environment({}).allow == frozenset()


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "javascript:alert(1)",
        "//example.com/",
        "example.com",
        "",
        "http://",
        "http:///path",
        "http://[::1",
        "http://user@example.com/",
        "http://user:pass@example.com/",
        "http://example.com:99999/",
        "http://exa\x00mple.com/",
    ],
)
def test_addresses_that_are_no_web_address_are_refused(url):
    with pytest.raises(AddressRefused):
        check_url(url, ("http", "https"))


def test_odd_ports_are_allowed():
    assert check_url("https://example.com:8443/x", ("http", "https")).port == 8443
