import { testProvider } from '@switchyard/testkit'
import { conformance } from './conformance.fixture.ts'

testProvider('acme-cloud', conformance)
