import { describe, expect, it } from 'vitest';
import { toLambdaRecord } from '../../../../infra/local/stream-record.ts';

describe('a record of the stream in the form in which a pipe hands it over', () => {
  it('has its bytes in base64 and its time in seconds, and survives JSON', () => {
    const record = toLambdaRecord(
      {
        eventID: 'e-1',
        eventName: 'MODIFY',
        awsRegion: 'local',
        dynamodb: {
          ApproximateCreationDateTime: new Date(1_700_000_000_500),
          Keys: { pk: { S: 'job' } },
          NewImage: {
            bytes: { B: new Uint8Array([255, 0]) },
            set: { BS: [new Uint8Array([1])] },
            list: { L: [{ M: { deep: { B: new Uint8Array([2]) } } }, { N: '1' }, { NULL: true }] },
          },
          SequenceNumber: '17',
        },
      },
      'arn:stream',
    );
    expect(JSON.parse(JSON.stringify(record))).toEqual({
      eventID: 'e-1',
      eventName: 'MODIFY',
      eventSource: 'aws:dynamodb',
      eventSourceARN: 'arn:stream',
      awsRegion: 'local',
      dynamodb: {
        ApproximateCreationDateTime: 1_700_000_000.5,
        Keys: { pk: { S: 'job' } },
        NewImage: {
          bytes: { B: '/wA=' },
          set: { BS: ['AQ=='] },
          list: { L: [{ M: { deep: { B: 'Ag==' } } }, { N: '1' }, { NULL: true }] },
        },
        SequenceNumber: '17',
      },
    });
  });
});
