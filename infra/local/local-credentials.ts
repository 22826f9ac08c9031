/** DynamoDB Local takes any region and any key; a real account takes neither of these. */
export const LOCAL_REGION = 'local';
/** See {@link LOCAL_REGION}. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
