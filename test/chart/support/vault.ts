/** Instead of the Secrets that the values of every environment name. */
export const VAULT = [
  'secrets.existingSecret=',
  'secrets.existingMigrationSecret=',
  'secrets.vault.enabled=true',
] as const;
