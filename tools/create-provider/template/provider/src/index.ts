export { type AcmeCloudOptions, createAcmeCloud, createProvider } from './provider.ts'
