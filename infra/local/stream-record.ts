import type { _Record, AttributeValue } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord, AttributeValue as JsonAttribute } from 'aws-lambda';

/** A record as the streams API gives it, in the JSON form in which Lambda and Pipes hand it over. */
export function toLambdaRecord(record: _Record, streamArn: string): DynamoDBRecord {
  const change = record.dynamodb;
  return {
    eventID: record.eventID,
    // DynamoDB Local names the expiry of an item in a way that no type knows; it has no new image.
    eventName: record.eventName as DynamoDBRecord['eventName'],
    eventVersion: record.eventVersion,
    eventSource: 'aws:dynamodb',
    awsRegion: record.awsRegion,
    eventSourceARN: streamArn,
    dynamodb: {
      ApproximateCreationDateTime: change?.ApproximateCreationDateTime
        ? change.ApproximateCreationDateTime.getTime() / 1_000
        : undefined,
      Keys: change?.Keys && jsonItem(change.Keys),
      NewImage: change?.NewImage && jsonItem(change.NewImage),
      OldImage: change?.OldImage && jsonItem(change.OldImage),
      SequenceNumber: change?.SequenceNumber,
      SizeBytes: change?.SizeBytes,
      StreamViewType: change?.StreamViewType,
    },
  };
}

function jsonItem(item: Record<string, AttributeValue>): Record<string, JsonAttribute> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, json(value)]));
}

/** The two forms differ in binary values only: bytes there, base64 here. */
function json(value: AttributeValue): JsonAttribute {
  if (value.B) return { B: base64(value.B) };
  if (value.BS) return { BS: value.BS.map(base64) };
  if (value.L) return { L: value.L.map(json) };
  if (value.M) return { M: jsonItem(value.M) };
  return value as JsonAttribute;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
