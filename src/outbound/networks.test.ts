import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publicAddresses } from './networks.ts'

const PUBLIC = ['93.184.216.34', '8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8']

const OTHERS: readonly (readonly [kind: string, ...addresses: string[]])[] = [
  ['no address', '', 'localhost', '1.2.3', '256.1.1.1', '1.2.3.4.5'],
  ['this machine', '127.0.0.1', '127.255.255.254', '0.0.0.0', '0.1.2.3', '::', '::1'],
  ['private networks', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12:3456::1'],
  ['link-local, where clouds keep credentials', '169.254.169.254', 'fe80::1', 'fe80::1%eth0', 'febf::1'],
  ['site-local, of old', 'fec0::1'],
  ['multicast and broadcast', '224.0.0.1', '239.255.255.255', '255.255.255.255', 'ff02::1'],
  ['shared by carriers', '100.64.0.1', '100.127.255.255'],
  ['for tests and documents', '192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '2001:db8::1'],
  ['of the IETF and reserved', '192.0.0.1', '240.0.0.1', '2001::1', '100::1', '3fff::1', '4000::1', '5f00::1'],
  ['IPv4 in IPv6', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:a9fe:a9fe', '::127.0.0.1', '::ffff:0:127.0.0.1'],
  ['NAT64', '64:ff9b::7f00:1', '64:ff9b::808:808', '64:ff9b:1::1'],
  ['6to4 and Teredo', '2002:7f00:1::', '2002:808:808::1', '2001:0:4136:e378::1'],
]

test('public addresses are allowed', () => {
  for (const address of PUBLIC) assert.ok(publicAddresses()(address), address)
})

for (const [kind, ...addresses] of OTHERS) {
  test(`not public: ${kind}`, () => {
    for (const address of addresses) assert.equal(publicAddresses()(address), false, address)
  })
}

test('networks that are named are allowed besides', () => {
  const allows = publicAddresses(['10.20.0.0/16', 'fd00:1::/32'])
  for (const address of ['10.20.255.1', '::ffff:10.20.0.1', 'fd00:1::5', '8.8.8.8']) assert.ok(allows(address), address)
  for (const address of ['10.21.0.1', 'fd00:2::5', '127.0.0.1', '::1']) assert.equal(allows(address), false, address)
})
