/** Passkeys: between the server's JSON (base64url) and the browser's byte buffers. Rejects with ApiError only. */
import { ApiError, post } from "../api/client";
import type { Session } from "../api/types";

interface Challenge {
  challenge_id: string;
  options: Record<string, unknown>;
}

export const canPasskey = (): boolean => typeof PublicKeyCredential !== "undefined" && typeof navigator.credentials?.create === "function";

/** Makes a new account with a passkey of this device. */
export async function signUpWithPasskey(name: string): Promise<Session> {
  const { challenge_id, options } = await post<Challenge>("/auth/passkey/sign-up", { name });
  return post<Session>("/auth/passkey/sign-up/finish", { challenge_id, credential: await create(options) });
}

export async function signInWithPasskey(): Promise<Session> {
  const { challenge_id, options } = await post<Challenge>("/auth/passkey/sign-in");
  const publicKey = requestOptions(unwrap(options));
  const credential = await ask(() => navigator.credentials.get({ publicKey }));
  return post<Session>("/auth/passkey/sign-in/finish", { challenge_id, credential: toJson(credential) });
}

/** Adds a passkey of this device to the signed-in account. */
export async function addPasskey(): Promise<void> {
  const { challenge_id, options } = await post<Challenge>("/auth/passkey/add");
  await post("/auth/passkey/add/finish", { challenge_id, credential: await create(options) });
}

async function create(options: Record<string, unknown>): Promise<unknown> {
  const publicKey = creationOptions(unwrap(options));
  return toJson(await ask(() => navigator.credentials.create({ publicKey })));
}

/** Some libraries wrap the options as `{publicKey: …}`. */
const unwrap = (options: Record<string, unknown>): Record<string, unknown> => (options.publicKey as Record<string, unknown> | undefined) ?? options;

async function ask(use: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  if (!canPasskey()) throw new ApiError(0, "passkey.none");
  try {
    const credential = await use();
    if (credential) return credential as PublicKeyCredential;
  } catch {
    // closed by the person, timed out, or refused by the device: to the person it is the same, and nothing is lost
    throw new ApiError(0, "passkey.stopped");
  }
  throw new ApiError(0, "passkey.stopped");
}

export function fromBase64url(text: string): ArrayBuffer {
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0)).buffer;
}

export function toBase64url(buffer: ArrayBuffer): string {
  const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

interface Described {
  id: string;
  type: string;
}
const withIds = (list: unknown): unknown => (Array.isArray(list) ? list.map((one: Described) => ({ ...one, id: fromBase64url(one.id) })) : undefined);

function creationOptions(json: Record<string, unknown>): PublicKeyCredentialCreationOptions {
  if (PublicKeyCredential.parseCreationOptionsFromJSON)
    return PublicKeyCredential.parseCreationOptionsFromJSON(json as unknown as PublicKeyCredentialCreationOptionsJSON);
  const user = json.user as { id: string };
  return {
    ...json,
    challenge: fromBase64url(json.challenge as string),
    user: { ...user, id: fromBase64url(user.id) },
    excludeCredentials: withIds(json.excludeCredentials),
  } as unknown as PublicKeyCredentialCreationOptions;
}

function requestOptions(json: Record<string, unknown>): PublicKeyCredentialRequestOptions {
  if (PublicKeyCredential.parseRequestOptionsFromJSON)
    return PublicKeyCredential.parseRequestOptionsFromJSON(json as unknown as PublicKeyCredentialRequestOptionsJSON);
  return {
    ...json,
    challenge: fromBase64url(json.challenge as string),
    allowCredentials: withIds(json.allowCredentials),
  } as unknown as PublicKeyCredentialRequestOptions;
}

function toJson(credential: PublicKeyCredential): unknown {
  if (typeof credential.toJSON === "function") return credential.toJSON();
  const response = credential.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  const encoded = (buffer: ArrayBuffer | null | undefined): string | undefined => (buffer ? toBase64url(buffer) : undefined);
  return {
    id: credential.id,
    rawId: toBase64url(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      clientDataJSON: encoded(response.clientDataJSON),
      attestationObject: encoded(response.attestationObject),
      transports: response.getTransports?.(),
      authenticatorData: encoded(response.authenticatorData),
      signature: encoded(response.signature),
      userHandle: encoded(response.userHandle),
    },
  };
}
