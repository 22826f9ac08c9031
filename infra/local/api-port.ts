/** Where the API of this machine listens unless API_PORT says otherwise or it is taken. */
export const API_PORT = 8_321;
